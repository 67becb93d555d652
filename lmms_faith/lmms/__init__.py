"""Everything that touches lmms-eval: the task class, its files, the evidence channel, the backends."""
