"""Which encodings are recognised: `python bench/decoding.py` prints one line a kind of file, ours beside another's.

The samples are made here, from 400 bytes to 400 kB: prose, and prose between tags and Latin words. A sample counts
when it decodes to the very text it was made of. charset-normalizer is asked the same, if it is installed.
"""

import os
import platform
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from books.formats import decoding
from books.formats.chinese import TO_TRADITIONAL

SIZES = (400, 1_500, 6_000, 25_000, 100_000, 400_000)  # bytes
LINE = "{:<26} {:>10} {:>10} {:>10} {:>10}"
CHINESE = (
    "话说东海之边有一座石塔，塔上住着一位老渔翁，姓陈名守灯，每到黄昏便点灯引船。",
    "那一年冬天格外寒冷，海面上结了一层薄冰，村里的人都不敢出门。",
    "“你从哪里来？”老人问道，“这样大的风雪，怎么还有人在路上走？”",
    "少年摇了摇头，没有回答，只是把手里的信紧紧地握着，眼睛望着窗外。",
    "我们先吃饭罢，等天亮了再说，他这样想着，心里却总觉得有些不安。",
    "第二天早上，太阳从云层后面出来，照得雪地一片明亮；孩子们跑到院子里去了。",
    "她把书放在桌子上，慢慢地说：这本书是我父亲留下来的，谁也不许动它！",
    "城里的消息传得很快，不到半天，大街小巷都在谈论那只从远方来的船。",
    "要知后事如何，且听下回分解。",
    "学校的钟声响了，学生们一个接一个走进教室，先生却还没有到。",
)
JAPANESE = (
    "昔々、海のそばの小さな村に、一人の灯台守が住んでいました。",
    "彼は毎晩、古い階段をのぼって、大きなランプに火をつけるのでした。",
    "「どこから来たのですか」と老人はたずねた。少年は答えなかった。",
    "その年の冬は特に寒く、港には薄い氷が張っていた。",
    "母は窓の外を見ながら、静かに手紙を読み始めた。",
    "コーヒーを飲みながら、私たちは夜明けまで話をした。",
)
KOREAN = (
    "옛날 옛적 바닷가 작은 마을에 등대지기가 한 사람 살았습니다.",
    "그는 매일 밤 낡은 계단을 올라가 커다란 등불을 켰습니다.",
    "어디에서 왔느냐고 노인이 물었지만 소년은 대답하지 않았다.",
    "그해 겨울은 유난히 추워서 항구에 얇은 얼음이 얼었다.",
    "어머니는 창밖을 바라보며 조용히 편지를 읽기 시작했다.",
)
RUSSIAN = (
    "Жил на берегу моря старый смотритель маяка, и каждый вечер он зажигал огонь.",
    "Откуда ты пришёл? - спросил старик, но мальчик ничего не ответил.",
    "Зима в тот год была холодная, и гавань покрылась тонким льдом.",
    "Мать смотрела в окно и тихо читала письмо, которое пришло утром.",
    "Они долго говорили о том, что было раньше, и не заметили, как рассвело.",
)
FRENCH = (
    "Le vieux gardien du phare habitait près de la mer, où il allumait la lampe chaque soir.",
    "« D'où viens-tu ? » demanda le vieillard, mais l'enfant ne répondit pas.",
    "Cet hiver-là fut très froid, et le port fut couvert d'une légère couche de glace.",
    "Sa mère regardait par la fenêtre, et lisait la lettre qu'elle avait reçue le matin même.",
)
GERMAN = (
    "Der alte Wärter des Leuchtturms wohnte am Meer und zündete jeden Abend die Lampe an.",
    "„Woher kommst du?“ fragte der Alte, aber der Junge antwortete nicht und blickte über das Wasser.",
    "Der Winter war kälter als früher, und im Hafen lag eine dünne Schicht Eis.",
)
POLISH = (
    "Stary latarnik mieszkał nad morzem i każdego wieczoru zapalał wielką lampę.",
    "— Skąd przyszedłeś? — zapytał starzec, ale chłopiec nic nie odpowiedział, tylko patrzył na wodę.",
    "Zima tego roku była bardzo mroźna i w porcie leżał cienki lód, więc statki nie mogły wypłynąć.",
)
TRADITIONAL = tuple(line.translate(TO_TRADITIONAL) for line in CHINESE)
RARE = tuple(f"{line}𠮷野家的㐂㙍二字，{chr(0xE000 + at)}。" for at, line in enumerate(CHINESE))
# (what, sentences, encoding, byte order mark)
KINDS = (
    ("UTF-8, Chinese", CHINESE, "utf-8", b""),
    ("UTF-8, French", FRENCH, "utf-8", b""),
    ("UTF-8 with a mark", CHINESE, "utf-8", b"\xef\xbb\xbf"),
    ("GBK", CHINESE, "gbk", b""),
    ("GBK, traditional", TRADITIONAL, "gbk", b""),
    ("GB18030, four bytes", RARE, "gb18030", b""),
    ("Big5", TRADITIONAL, "big5", b""),
    ("UTF-16 LE with a mark", CHINESE, "utf-16-le", b"\xff\xfe"),
    ("UTF-16 BE with a mark", RUSSIAN, "utf-16-be", b"\xfe\xff"),
    ("UTF-16 LE, Chinese", CHINESE, "utf-16-le", b""),
    ("UTF-16 BE, Chinese", CHINESE, "utf-16-be", b""),
    ("UTF-16 LE, French", FRENCH, "utf-16-le", b""),
    ("UTF-16 BE, Russian", RUSSIAN, "utf-16-be", b""),
    ("windows-1252, French", FRENCH, "cp1252", b""),
    ("windows-1252, German", GERMAN, "cp1252", b""),
    ("windows-1250, Polish", POLISH, "cp1250", b""),
    ("windows-1251", RUSSIAN, "cp1251", b""),
    ("koi8-r", RUSSIAN, "koi8-r", b""),
    ("Shift JIS", JAPANESE, "shift_jis", b""),
    ("EUC-JP", JAPANESE, "euc-jp", b""),
    ("EUC-KR", KOREAN, "euc-kr", b""),
)


def main() -> None:
    """Print the table."""
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores\n")
    readers: dict[str, Callable[[bytes], str]] = {"Mindory": ours}
    if normalizer():
        readers["normalizer"] = theirs
    print(LINE.format("kind", *readers, *(f"{name[:5]} MB/s" for name in readers)))
    totals = dict.fromkeys(readers, 0)
    number = 0
    for what, sentences, encoding, mark in KINDS:
        made = list(samples(sentences, encoding, mark))
        number += len(made)
        right, speeds = [], []
        for name, reader in readers.items():
            began = time.perf_counter()
            good = sum(reader(data) == text for data, text in made)
            speeds.append(f"{sum(len(data) for data, _ in made) / (time.perf_counter() - began) / 1e6:.1f}")
            totals[name] += good
            right.append(f"{good}/{len(made)}")
        print(LINE.format(what, *right, *speeds), flush=True)
    print(LINE.format("all", *(f"{good}/{number}" for good in totals.values()), "", ""))


def samples(sentences: tuple[str, ...], encoding: str, mark: bytes) -> Iterator[tuple[bytes, str]]:
    """Yield (bytes, text) for each size: prose, and prose between tags and Latin words."""
    chosen = random.Random(f"{encoding} {sentences[0]}")
    for size in SIZES:
        for is_tagged in (False, True):
            parts: list[str] = []
            length = 0
            while length < size:
                sentence = chosen.choice(sentences)
                line = f"<p class='x'>Chapter {len(parts)}: {sentence}</p>\n" if is_tagged else f"{sentence}\r\n"
                parts.append(line)
                length += len(line.encode(encoding))
            text = "".join(parts)
            yield mark + text.encode(encoding), text


def ours(data: bytes) -> str:
    """Decode as Mindory does."""
    found = decoding.decoded(data)
    return found.text if found else ""


def theirs(data: bytes) -> str:
    """Decode as charset-normalizer does."""
    from_bytes = normalizer()
    found = from_bytes(data).best() if from_bytes else None
    return str(found).removeprefix("\ufeff") if found else ""


def normalizer() -> Callable[[bytes], Any] | None:
    """Return charset-normalizer's function, if it is installed."""
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        return None
    return from_bytes


if __name__ == "__main__":
    main()
