"""Backends that continue a prefilled turn, verify that they did, and return option-letter probabilities."""
