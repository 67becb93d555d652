"""`faith_qwen2_5_vl`: the host's chat class, with continued prefills and letter probabilities."""

from lmms_eval.models.chat.qwen2_5_vl import Qwen2_5_VL

from lmms_faith.lmms.models.host import FaithChat


class FaithQwen2_5_VL(FaithChat, Qwen2_5_VL):  # type: ignore[misc]
    """The host's ``Qwen2_5_VL``; see ``FaithChat``."""
