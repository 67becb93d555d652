"""How the questions of each benchmark are turned into claims: tables of names, patterns and claims."""

from __future__ import annotations

from collections.abc import Sequence

Wording = tuple[str, str, str]
"""Name, pattern and claim. A group whose name starts with ``the_`` is given an article where it has none, and so is
``{the_option}``. An empty pattern fits every question."""
Wordings = Sequence[Wording]

IN_PICTURE = "The question is written in the picture."
"""Question text of items that ask in the picture alone."""
ASKED_IN_PICTURE: Wordings = (("asked", "", "What the picture asks for is {option}."),)

TIMES = {"time": ("half", "quarter"), "time_to": ("quarter past", "quarter to")}
"""Time words that fit a clock's wording, the likelier first."""
_SAYS = ", the picture says {option}."

MATHVISTA: Wordings = (
    (
        "whether",
        r"^is (?P<x>[^?]+?) "
        r"(?P<y>the (?:minimum|maximum|low median|high median|smoothest|roughest)|(?:less|greater) than [^?]+)\?$",
        "As to whether {x} is {y}" + _SAYS,
    ),
    ("whether", r"^does (?P<x>[^?]+?) have (?P<y>the [^?]+)\?$", "As to whether {x} has {y}" + _SAYS),
    ("whether", r"^does (?P<x>[^?]+?) intersect (?P<y>[^?]+)\?$", "As to whether {x} intersects {y}" + _SAYS),
    (
        "age_gap",
        r"what is (?P<the_x>the age gap (?:between|of) [^?]+?)(?: in (?:the )?image)?\?",
        "{the_x} is {option} years.",
    ),
    ("left_over", r"how many (?P<x>[\w ]+?) are left\?", "The number of {x} that are left is {option}."),
    ("time", r"it is \(_\) (?P<x>after [^.]+)\.", "The time that the clock shows is {option} {x}."),
    ("time_to", r"it is \(_\) (?P<x>[^.]+)\.", "The time that the clock shows is {option} {x}."),
    ("measure", r"is about \(_\) (?P<x>[^.]+)\.", "The length in the picture is about {option} {x}."),
    (
        "preference",
        r"^which (?P<x>[^?]+?) (?P<y>has|have|shows?|had|contains?) (?P<z>[^?]+)\?$",
        "In the picture, the {x} that {y} {z} is {option}.",
    ),
)

_STAND = r"if i stand at (?P<the_x>[^?]+?) position facing where it is facing, (?:is|are) (?P<the_y>[^?]+?) "
_VIEWER = "For a viewer at {the_x} position who faces where it is facing, {the_y} "
THREE_DSR: Wordings = (
    (
        "whether",
        r"\bis (?P<the_x>[^?]+?) (?P<y>directly (?:above|under\w*|below) [^?]+?)\s*\??$",
        "As to whether {the_x} is {y}" + _SAYS,
    ),
    (
        "height",
        r"which object has a (?P<x>higher|lower) location",
        "Of the two objects, the one with the {x} location is {the_option}.",
    ),
    (
        "camera",
        r"which (?:object |one )?is (?P<x>closer to|farther from) the camera",
        "Of the two, the one {x} the camera is {the_option}.",
    ),
    (
        "next_to",
        r"are (?P<the_x>[^?]+?) and (?P<the_y>[^?]+?) (?=next to each other|far away from each other)",
        "{the_x} and {the_y} are {option}.",
    ),
    ("front", _STAND + "(?:in front of me|behind me)", _VIEWER + "is {option} that viewer."),
    ("side", _STAND + "on (?:the|my) (?:left|right)", _VIEWER + "is {option}."),
    (
        "viewpoint",
        r"which side of (?P<the_x>[^?]+?) is facing (?P<the_y>[^?]+?)\?",
        "The {option} side of {the_x} is facing {the_y}.",
    ),
    (
        "closer",
        r"which (?:object )?is closer to (?P<the_x>[^?,]+),",
        "Of the two, the one closer to {the_x} is {the_option}.",
    ),
    ("facing", r"which object is (?P<the_x>[^?,]+?) facing towards?,", "{the_x} is facing towards {the_option}."),
    (
        "parallel",
        r"between the orientations of (?P<the_x>[^?]+?) and (?P<the_y>[^?,]+), parallel",
        "The orientations of {the_x} and {the_y} are {option} to each other.",
    ),
    (
        "direction",
        r"are (?P<the_x>[^?]+?) and (?P<the_y>[^?]+?) facing (?:the )?same",
        "{the_x} and {the_y} are facing {option}.",
    ),
)

CV_BENCH: Wordings = (
    ("count", r"how many (?P<x>.+?) are (?:there )?in the image\?", "The number of {x} in the image is {option}."),
    (
        "relation",
        r"where (?:is|are) (?P<the_x>[^?]+?) located with respect to (?P<the_y>.+?)\?",
        "The position of {the_x} with respect to {the_y} is {option}.",
    ),
    (
        "depth",
        r"which object is closer to the camera",
        "Of the two objects, the one closer to the camera is {the_option}.",
    ),
    (
        "distance",
        r"which object is closer to (?P<the_y>[^?,]+),",
        "Of the two objects, the one closer to {the_y} is {the_option}.",
    ),
)

PERSPECTIVES = (
    r",?\s*from (?:the )?(?P<who>[^?,]+?)(?:'s|’s|') (?:perspective|viewpoint|point of view),?",
    r",?\s*from the (?:perspective|viewpoint|point of view) of (?:the )?(?P<who>[^?,]+)",
)
"""How a question says from whose place things are seen."""
_PLACED = r"(?: (?:located|placed|positioned|standing|sitting|situated))?"
_RELATED = r" (?:in (?:the )?relation to|relative to|with respect to) "
SPATIAL_MM: Wordings = (
    ("colour", r"^(?:what|which) (?:is|are) (?P<the_x>the colou?rs? of [^?]+?)\s*\??$", "{the_x} is {option}."),
    ("colour", r"^(?:what|which) colou?r (?:is|are) (?P<the_x>[^?]+?)\s*\??$", "The colour of {the_x} is {option}."),
    (
        "direction",
        r"^(?:(?:which|what) direction|where) (?P<v>is|are) (?P<the_x>(?![^?]* and )[^?]+?) "
        r"(?P<y>facing|looking|moving|pointing|flying)(?: at| to| towards?| in)?\s*\??$",
        "The direction in which {the_x} {v} {y} is {option}.",
    ),
    (
        "reading",
        r"^what (?:is|are) (?P<the_x>the (?:number|word|text|pattern|design|shape) [^?]*\bon [^?]+?)\s*\??$",
        "{the_x} is {option}.",
    ),
    (
        "together",
        r"^what is the relationship between (?P<the_x>[^?]+?) and (?P<the_y>[^?]+?)\s*\??$",
        "{the_x} and {the_y} are {option}.",
    ),
    (
        "viewpoint",
        r"^from which viewpoint (?P<v>is|are) (?P<the_x>[^?]+?) (?P<y>shown|seen|taken)\s*\??$",
        "The viewpoint from which {the_x} {v} {y} is {option}.",
    ),
    (
        "relation",
        rf"^where (?:is|are) (?P<the_x>[^?]+?){_PLACED}{_RELATED}(?P<the_y>[^?]+?)\s*\??$",
        "The position of {the_x} in relation to {the_y} is {option}.",
    ),
    ("position", rf"^where (?:is|are) (?P<the_x>[^?]+?){_PLACED}\s*\??$", "The position of {the_x} is {option}."),
    (
        "hand",
        r"^in which (?P<z>hand|arm) (?P<v>is|are) (?P<the_x>[^?]+?) (?P<y>holding|carrying) (?P<the_o>[^?]+?)\s*\??$",
        "{the_x} {v} {y} {the_o} in the {option} {z}.",
    ),
    (
        "hand",
        r"^(?:which|what) (?P<z>hand|arm|foot|leg) (?P<v>is|are) (?P<the_x>[^?]+?) using to (?P<y>[^?]+?)\s*\??$",
        "{the_x} {v} using the {option} {z} to {y}.",
    ),
    (
        "hand",
        r"^which of (?P<the_x>[^?]+?)['’]s (?P<y>hands|arms|feet|legs) is (?P<z>[^?]+?)\s*\??$",
        "The {option} one of {the_x}'s {y} is {z}.",
    ),
)

WHATSUP: Wordings = (("caption", "", "{option}."),)

VSTAR: Wordings = (
    (
        "attribute",
        r"what (?:is|are) (?P<the_x>the (?:colou?r|material|shape|pattern|number)s?\b[^?]+)\?",
        "{the_x} is {option}.",
    ),
    (
        "attribute",
        r"what (?P<x>colou?r|material) (?:is|are) (?P<the_y>[^?]+?)(?: made of)?\?",
        "The {x} of {the_y} is {option}.",
    ),
    (
        "position",
        r"is (?P<the_x>[^?]+?) on the (?:left|right) or (?:the )?(?:left|right) side of (?P<the_y>[^?]+)\?",
        "{the_x} is on the {option} side of {the_y}.",
    ),
    (
        "position",
        r"is (?P<the_x>[^?]+?) (?:above|below) or (?:above|below) (?P<the_y>[^?]+)\?",
        "{the_x} is {option} {the_y}.",
    ),
)

MME_REALWORLD: Wordings = (
    (
        "count",
        r"what is the number of (?P<x>[^?]+?) in the (?P<y>image|picture)\?",
        "The number of {x} in the {y} is {option}.",
    ),
    (
        "reading",
        r"what (?:is|are) (?P<the_x>the (?:content|text|data|phone number|address|website|brand"
        r"|licen[cs]e plate(?: number)?|number|words?|name|slogan|title|plate number|price|speed limit)\b[^?]*)\?",
        "{the_x} is {option}.",
    ),
    ("colour", r"what colou?r (?:is|are) (?P<the_x>[^?]+)\?", "The colour of {the_x} is {option}."),
    (
        "where",
        r"where is (?P<the_x>[^?]+?) (?:located )?in the (?P<y>image|picture)\?",
        "{the_x} is at this place in the {y}: {option}.",
    ),
)

MMBENCH: Wordings = (
    (
        "caption",
        r"(?:(?:caption|description) (?:of|for|to)?|describes?) ?(?:this|the) (?:image|picture)",
        "{option}.",
    ),
    ("scene", r"which scene category matches this image", "The scene in the picture is of the kind {option}."),
    ("kind", r"which category does (?:this|the) (?:image|picture) belong to", "The picture is of the kind {option}."),
    ("mood", r"which mood does (?:this|the) image convey", "The mood that the picture conveys is {option}."),
    (
        "style",
        r"(?:which|what) style is (?:depicted|used|shown)|what style is this",
        "The style of the picture is {option}.",
    ),
    ("person", r"who is (?:this|the) person", "The person in the picture is {option}."),
    (
        "place",
        r"where (?:is (?:it|this) (?:located|taken|place)?|was this (?:photo|picture) taken)",
        "The place in the picture is {option}.",
    ),
)

_PLACES = (
    r"(?:(?:attached|parallel|perpendicular|close|next|adjacent|connected) to|(?:away|far) from|part of|facing|touching"
    r"|(?:at|on|to) the|above|across|behind|below|beneath|beside|between|beyond|inside|in|near|off|on|outside|over"
    r"|toward|under|with)"
)
_TASKS = {
    "art_style": "The painting in the same style as the first image is {option}.",
    "forensic_detection": "The real photograph is {option}.",
    "functional_correspondence": "The point that serves the same action as the reference point is {option}.",
    "iq_test": "The pattern in the picture is completed by {option}.",
    "jigsaw": "The missing part of the first image is {option}.",
    "multi_view_reasoning": "From the first image to the second the camera moves {option}.",
    "object_localization": "The box that fits the object best is {option}.",
    "relative_depth": "Of the two marked points, {option}.",
    "relative_reflectance": "The surfaces at the two marked points compare like this: {option}.",
    "semantic_correspondence": "The point that corresponds to the reference point is {option}.",
    "visual_correspondence": "The point that shows the same spot as the reference point is {option}.",
    "visual_similarity": "The image most similar to the first one is {option}.",
}
_RELATION = r" (?P<the_x>.+?) (?P<y>" + _PLACES + r"\b[^?]*)\??$"
_RELATIONS: Wordings = (
    ("relation", r"^is" + _RELATION, "As to whether {the_x} is {y}" + _SAYS),
    ("relation", r"^are" + _RELATION, "As to whether {the_x} are {y}" + _SAYS),
)
BLINK: dict[str, Wordings] = {f"blink_{task}": ((task, "", claim),) for task, claim in _TASKS.items()}
BLINK |= {"blink_counting": _RELATIONS, "blink_spatial_relation": _RELATIONS}

_PHRASE = r"(?:(?!\b(?:what|which|how|who|why|when|following|picture|image|figure|diagram)\b)[^?.;,\"]){1,100}?"
_HERE = r"(?: (?:shown |given )?in (?:the|this) (?:picture|image|figure|diagram|photo))?"
_ROUNDED = r"(?:,? (?:to the nearest|if|when|such that|using|rounded|correct to|in terms of)\b[^.?]*)?"
_FIND = r"\b(?:find|determine|calculate|compute)"
_BLANK = r"(?: is| equals| is equal to| are| =) ?(?:\( *\)|_{2,})?[.?]?$"
_MEASURE = (
    r"(?:\w+ )?(?:amount|angle|area|average|breadth|capacity|charge|circumference|colou?r|concentration|cost|current"
    r"|degree|density|depth|diameter|difference|distance|force|frequency|height|length|magnitude|mass|maximum|mean"
    r"|measure|median|minimum|name|number|percentage|perimeter|position|pressure|price|probability|product|radius|range"
    r"|ratio|resistance|shape|size|slope|speed|style|sum|temperature|thickness|title|total|type|value|velocity|voltage"
    r"|volume|weight|width)"
)
_SYMBOL = r"(?!the |out |an? )[^\s.?,]{1,20}(?: (?-i:(?![a-z]))[^\s.?,]{1,20})*?"
_AT = r"(?:in|on|at|behind|under|with|to)"
GENERAL: Wordings = (
    (
        "count",
        rf"\bhow many (?P<x>{_PHRASE}) (?:is|are) (?:there|shown|visible|seen|depicted|present){_HERE}\??$",
        "The number of {x} in the picture is {option}.",
    ),
    ("count", rf"\bhow many (?P<x>{_PHRASE}) (?:is|are){_HERE}\??$", "The number of {x} in the picture is {option}."),
    (
        "count",
        rf"\bhow many (?P<x>{_PHRASE}) (?:is|are) (?:there |shown |visible )?(?P<y>{_AT} {_PHRASE})\??$",
        "The number of {x} {y} is {option}.",
    ),
    (
        "colour",
        rf"\bwhat colou?r (?:is|are) (?:the )?(?P<the_x>{_PHRASE}){_HERE}\??$",
        "The colour of {the_x} is {option}.",
    ),
    (
        "quantity",
        rf"\bwhat(?: is|'s) the (?P<x>{_MEASURE} (?:of|between|from|in) {_PHRASE}){_HERE}\??$",
        "In the picture, the {x} is {option}.",
    ),
    ("quantity", rf"{_FIND} the (?P<x>{_PHRASE}){_HERE}{_ROUNDED}(?:[.?]|$)", "In the picture, the {x} is {option}."),
    (
        "quantity",
        rf"{_FIND} (?P<x>{_SYMBOL}){_HERE}{_ROUNDED}(?:[.?]|$)",
        "In the picture, {x} is {option}.",
    ),
    (
        "blank",
        rf"(?:^|[,.;] ?)(?:then |so |thus )*the (?P<x>{_PHRASE}){_BLANK}",
        "In the picture, the {x} is {option}.",
    ),
    ("blank", rf"(?:[,.;] ?)(?:then |so |thus )*(?P<x>{_PHRASE}){_BLANK}", "In the picture, {x} is {option}."),
    (
        "which",
        rf"(?:^|[.,!] )which of (?P<x>(?:these|the) {_PHRASE}) is (?P<y>(?!the ){_PHRASE}){_HERE}\??$",
        "Of {x}, the one that is {y} is {option}.",
    ),
    (
        "which",
        rf"(?:^|[.,!] )which (?P<x>(?!of |direction|way |side ){_PHRASE})"
        rf" is (?P<y>(?!(?:the|this|that) ){_PHRASE}){_HERE}\??$",
        "In the picture, the {x} that is {y} is {option}.",
    ),
    (
        "represents",
        rf"\bwhat does (?P<x>{_PHRASE}) (?P<y>represent|show|depict|indicate|illustrate|denote)\??$",
        "In the picture, {x} {y}s {option}.",
    ),
    ("where", rf"\bwhere is the (?P<x>{_PHRASE}){_HERE}\??$", "In the picture, the {x} is {option}."),
)
