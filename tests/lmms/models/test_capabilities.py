"""The table of docs/backends.md is what every backend is found to do, tried anew."""

import pytest

pytestmark = [pytest.mark.host, pytest.mark.slow]


def test_the_committed_table_is_what_is_found_now(vllm_args, vllm_server, transformers_server):
    import capabilities

    found = capabilities.examined(vllm_server=vllm_server, transformers_server=transformers_server)
    committed = capabilities.PAGE.read_text(encoding="utf-8")
    assert len(capabilities.TABLE.findall(committed)) == 1
    assert capabilities.page(committed, found) == committed, "docs/backends.md differs; run `make capabilities`"
