"""`faith_llava_hf`: the host's chat class, with continued prefills and letter probabilities."""

from lmms_eval.models.chat.llava_hf import LlavaHf

from lmms_faith.lmms.models.host import FaithChat


class FaithLlavaHf(FaithChat, LlavaHf):  # type: ignore[misc]
    """The host's ``LlavaHf``; see ``FaithChat``."""

    one_at_a_time = True
    _processor_attribute = "_image_processor"
