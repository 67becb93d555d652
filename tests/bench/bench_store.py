"""What keeping answers costs: a line on the disk, and the key of a request with a picture."""

from lmms_eval.api.instance import GenerationResult, TokenCounts
from PIL import Image

from lmms_faith.lmms.store import Store, image_digest, key_of


def bench_keep_an_answer(benchmark, tmp_path):
    store, answer = Store(tmp_path), GenerationResult("x" * 1000, TokenCounts(output_tokens=200))
    numbers = iter(range(10**9))
    benchmark(lambda: store.keep(str(next(numbers)), answer))


def bench_key_of_a_picture_of_a_million_pixels(benchmark):
    image = Image.effect_noise((1024, 1024), 80).convert("RGB")
    asked = {"prompt_ids": range(1500), "prefill": "", "sampling": {}, "alternatives": ()}
    benchmark(lambda: key_of({"model": "made"}, pictures=[image_digest(image)], **asked))
