"""Forms of an English word that a stemmer does not bring together: "buy" also finds "bought", "teeth" a "tooth".

Used on the question, so texts need not be indexed anew. Grammar alone: no synonyms. Verbs that stand everywhere (go,
make, get, take ...) are left out: their forms tell nothing apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from memory.indexing import number_of
from mindory_web.lib.terms import terms

ENGLISH: Final = """
    begin began begun | bend bent | bite bit bitten | blow blew blown | break broke broken | build built | burn burnt
    buy bought buyer | catch caught | choose chose chosen choice | creep crept | deal dealt | decide decision
    dig dug | draw drew drawn | dream dreamt | drink drank drunk | drive drove driven driver | eat ate eaten
    fall fell fallen | feed fed | fight fought | fly flew flown flight | forget forgot forgotten
    forgive forgave forgiven | freeze froze frozen | grow grew grown growth | hang hung
    hide hid hidden | kneel knelt | lead led | lend lent | lose lost loss
    marry marriage | meet met | pay paid | ride rode ridden rider | ring rang rung | rise rose risen | run ran runner
    seek sought | sell sold sale | send sent | sew sewn | shake shook shaken | shine shone | shoot shot
    sing sang sung singer | sink sank sunk | sit sat | sleep slept asleep | slide slid | speak spoke spoken speech
    spend spent | spin spun | stand stood | steal stole stolen | stick stuck | strike struck | swear swore sworn
    sweep swept | swim swam swum | teach taught teacher | tear tore torn | throw threw thrown | wake woke woken
    wear wore worn | weave wove woven | win won winner | write wrote written writer
    foot feet | tooth teeth | goose geese | mouse mice | knife knives | wife wives | shelf shelves
    child children | man men | woman women
    bear born birth | advise advice | believe belief | weigh weight | high height | strong strength | wide width
    deep depth | die died dead death | move movement | explain explanation | invite invitation | compete competition
    describe description | receive reception | produce production | solve solution | breathe breath
"""


def _forms() -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    for group in ENGLISH.replace("\n", "|").split("|"):
        numbers = tuple(dict.fromkeys(number_of(term) for term in terms(group)))
        for number in numbers:
            found[number] = (*found.get(number, ()), *(other for other in numbers if other != number))
    return found


FORMS: Final[Mapping[int, tuple[int, ...]]] = _forms()
