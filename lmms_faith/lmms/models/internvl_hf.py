"""`faith_internvl_hf`: the host's chat class, with continued prefills and letter probabilities."""

from lmms_eval.models.chat.internvl_hf import InternVLHf

from lmms_faith.lmms.models.host import FaithChat


class FaithInternVLHf(FaithChat, InternVLHf):  # type: ignore[misc]
    """The host's ``InternVLHf``; see ``FaithChat``."""

    one_at_a_time = True
