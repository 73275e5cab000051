"""Forms of an English word that a stemmer does not bring together: "buy" also finds "bought", "mother" a "mum".

Used on the question, so texts need not be indexed anew; a form counts less than the very word (`index.KIN`). One word
in its tenses and spellings, and the everyday names of what everybody has (mum, mother; bike, bicycle): turns are talk,
and questions are often written. Verbs that stand everywhere (go, make, get, take ...) are left out: their forms tell
nothing apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from memory.indexing import number_of
from mindory_web.lib.terms import terms

IRREGULAR: Final = """
    begin began begun | bend bent | bind bound | bite bit bitten | bleed bled | blow blew blown | break broke broken
    breed bred | bring brought | build built | burn burnt | buy bought buyer | catch caught
    choose chose chosen choice | cling clung | creep crept | deal dealt | decide decision | dig dug
    draw drew drawn | dream dreamt | drink drank drunk | drive drove driven driver | eat ate eaten
    fall fell fallen | feed fed | fight fought | flee fled | fly flew flown flight | forbid forbade forbidden
    forget forgot forgotten | forgive forgave forgiven | freeze froze frozen | grow grew grown growth | hang hung
    hide hid hidden | kneel knelt | lead led | lend lent | lose lost loss | marry marriage | meet met
    mistake mistook mistaken | mow mown | overcome overcame | overhear overheard | overtake overtook overtaken
    pay paid | prove proven proof | ride rode ridden rider | ring rang rung | rise rose risen | run ran runner
    seek sought | sell sold sale | send sent | sew sewn | shake shook shaken | shine shone | shoot shot
    shrink shrank shrunk | sing sang sung singer | sink sank sunk | sit sat | sleep slept asleep | slide slid
    sow sown | speak spoke spoken speech | spend spent | spill spilt | spin spun | spoil spoilt | stand stood
    steal stole stolen | stick stuck | sting stung | strike struck | string strung | strive strove
    swear swore sworn | sweep swept | swell swollen | swim swam swum | teach taught teacher | tear tore torn
    throw threw thrown | tread trod | undergo underwent | understand understood | undertake undertook undertaken
    wake woke woken | wear wore worn | weave wove woven | weep wept | win won winner | withdraw withdrew withdrawn
    write wrote written writer | foot feet | tooth teeth | goose geese | mouse mice | knife knives | wife wives
    shelf shelves | child children | man men | woman women | bear born birth | advise advice | believe belief
    weigh weight | high height | strong strength | wide width | deep depth | die died dead death | move movement
    explain explanation | invite invitation | compete competition | describe description | receive reception
    produce production | solve solution | breathe breath
"""
SPELLED: Final = """
    colour color | favour favor | neighbour neighbor | behaviour behavior | honour honor
    labour labor | flavour flavor | humour humor | rumour rumor | harbour harbor | armour armor | odour odor
    parlour parlor | vapour vapor | tumour tumor | endeavour endeavor | theatre theater
    centre center | metre meter | litre liter | kilometre kilometer | fibre fiber | grey gray | tyre tire
    jewellery jewelry | pyjamas pajamas | cheque check | programme program | catalogue catalog
    dialogue dialog | doughnut donut | plough plow | mould mold | moustache mustache | kerb curb
    aluminium aluminum | licence license | practise practice | analyse analyze | enrol enroll | organise organize
    realise realize | recognise recognize | apologise apologize | specialise specialize | criticise criticize
    memorise memorize | prioritise prioritize | socialise socialize | summarise summarize | visualise visualize
    customise customize | emphasise emphasize | finalise finalize | modernise modernize | maximise maximize
    minimise minimize | defence defense | offence offense | artefact artifact | sceptic skeptic | yoghurt yogurt
    whisky whiskey | paediatric pediatric | orthopaedic orthopedic | anaesthetic anesthetic | ageing aging
    omelette omelet
"""
SHORT: Final = """
    mother mum mom mummy mommy mama | father dad daddy papa | grandmother grandma granny nana
    grandfather grandpa granddad grandad | child kid children | sister sis | brother bro | family fam | aunt auntie
    husband hubby | birthday bday | photograph photo picture pic | bicycle bike | telephone phone
    refrigerator fridge | television telly tv | examination exam | gymnasium gym | laboratory lab
    mathematics maths math | veterinarian veterinary vet | doctor doc | professor prof | university uni
    business biz | competition comp | advertisement advert ad | information info | vegetable veggie veg
    barbecue bbq | christmas xmas | favourite favorite fave fav | aeroplane airplane plane | film movie | apartment flat
    influenza flu | champion champ | graduate grad | medicine medication meds | conversation convo
    holiday vacation vacay | rehabilitation rehab | demonstration demo | introduction intro | promotion promo
    technology tech | bookshop bookstore | photography photographer photo photograph | petrol gasoline | lorry truck
    nappy diaper | football soccer | rubbish garbage trash | motorway highway freeway
"""


def _forms() -> dict[int, tuple[int, ...]]:
    found: dict[int, dict[int, None]] = {}
    for group in (IRREGULAR + SPELLED + SHORT).replace("\n", "|").split("|"):
        numbers = [number_of(term) for term in terms(group)]
        for number in numbers:
            found.setdefault(number, {}).update((other, None) for other in numbers if other != number)
    return {number: tuple(others) for number, others in found.items()}


FORMS: Final[Mapping[int, tuple[int, ...]]] = _forms()
