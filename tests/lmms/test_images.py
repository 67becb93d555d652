"""The image controls: a picture's mean colour, another item's picture."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lmms_faith.lmms.images import blank, partner

pytestmark = pytest.mark.host


def test_a_blank_has_the_size_and_the_mean_colour():
    image = Image.new("RGB", (4, 3), (10, 20, 30))
    image.paste((30, 60, 90), (0, 0, 2, 3))  # half of it
    control = blank(image)
    assert (control.size, control.mode) == (image.size, "RGB")
    assert control.getcolors() == [(12, (20, 40, 60))]


@given(st.integers(0, 5), st.integers(2, 30), st.data())
def test_a_partner_never_shows_the_same_image(seed, n, data):
    clusters = {f"i{i}": f"c{data.draw(st.integers(0, 3))}" if i else "c9" for i in range(n)}
    for item_id in clusters:
        position = partner(item_id, clusters, seed=seed)
        assert list(clusters.values())[position] != clusters[item_id]
        assert position == partner(item_id, clusters, seed=seed)


@given(st.integers(0, 5), st.integers(2, 30), st.data())
def test_a_partner_has_as_many_pictures_where_there_is_one(seed, n, data):
    clusters = {f"i{i}": f"c{data.draw(st.integers(0, 3))}" if i else "c9" for i in range(n)}
    pictures = {item_id: data.draw(st.integers(1, 3)) for item_id in clusters}
    for item_id, image in clusters.items():
        position = partner(item_id, clusters, seed=seed, pictures=pictures)
        chosen = list(clusters)[position]
        assert clusters[chosen] != image
        alike = [other for other in clusters if clusters[other] != image and pictures[other] == pictures[item_id]]
        assert not alike or chosen in alike


@given(st.integers(0, 5), st.integers(2, 30), st.integers(1, 7))
def test_where_all_have_as_many_pictures_their_number_changes_nothing(seed, n, count):
    clusters = {f"i{i}": f"c{i}" for i in range(n)}
    pictures = dict.fromkeys(clusters, count)
    assert [partner(item_id, clusters, seed=seed, pictures=pictures) for item_id in clusters] == [
        partner(item_id, clusters, seed=seed) for item_id in clusters
    ]


def test_partners_depend_on_the_seed_and_not_on_global_randomness():
    clusters = {f"i{i}": f"i{i}" for i in range(50)}
    chosen = [[partner(item_id, clusters, seed=seed) for item_id in clusters] for seed in (0, 0, 1)]
    Random(3).random()
    assert chosen[0] == chosen[1] != chosen[2]
    assert len(set(chosen[0])) > 20


def test_one_image_has_no_partner():
    with pytest.raises(ValueError, match="item 'a': no other image to swap in"):
        partner("a", {"a": "x", "b": "x"}, seed=0)
