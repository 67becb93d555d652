"""`faith_qwen3_vl`: the host's chat class, with continued prefills and letter probabilities."""

from lmms_eval.models.chat.qwen3_vl import Qwen3_VL

from lmms_faith.lmms.models.host import FaithChat


class FaithQwen3VL(FaithChat, Qwen3_VL):  # type: ignore[misc]
    """The host's ``Qwen3_VL``; see ``FaithChat``."""
