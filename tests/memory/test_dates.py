"""ranges_in(): sentences of our own, told on Wednesday the 14th of June 2023."""

from datetime import UTC, date, datetime, timedelta

import pytest

from memory.dates import day_words, ranges_in

NOW = datetime(2023, 6, 14, 18, 30, tzinfo=UTC)


def days(text: str) -> list[tuple[str, str]]:
    """Return (first day, last day) of every range."""
    return [(str(one.start), str(one.last)) for one in ranges_in(text, reference=NOW)]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("I mended the fence today.", "2023-06-14", "2023-06-14"),
        ("Yesterday the boiler broke.", "2023-06-13", "2023-06-13"),
        ("He phoned the day before yesterday.", "2023-06-12", "2023-06-12"),
        ("We fly tomorrow.", "2023-06-15", "2023-06-15"),
        ("They leave the day after tomorrow.", "2023-06-16", "2023-06-16"),
        ("What kept you up last night?", "2023-06-13", "2023-06-13"),
        ("We had soup this evening.", "2023-06-14", "2023-06-14"),
        ("Who came last week?", "2023-06-05", "2023-06-11"),
        ("This week I am on leave.", "2023-06-12", "2023-06-18"),
        ("The plumber comes next week.", "2023-06-19", "2023-06-25"),
        ("Where did we hike last weekend?", "2023-06-10", "2023-06-11"),
        ("The week before last was quiet.", "2023-05-29", "2023-06-04"),
        ("How much did I spend last month?", "2023-05-01", "2023-05-31"),
        ("Rent goes up next month.", "2023-07-01", "2023-07-31"),
        ("We moved house last year.", "2022-01-01", "2022-12-31"),
        ("This year I read less.", "2023-01-01", "2023-12-31"),
        ("The roof was done three days ago.", "2023-06-11", "2023-06-11"),
        ("We adopted the dog two weeks ago.", "2023-05-28", "2023-06-03"),
        ("A month ago I stopped smoking.", "2023-05-01", "2023-05-31"),
        ("She left 10 years ago.", "2013-01-01", "2013-12-31"),
        ("A couple of days ago it hailed.", "2023-06-12", "2023-06-12"),
        ("I saw him a few days ago.", "2023-06-08", "2023-06-12"),
        ("In two days the parcel comes.", "2023-06-16", "2023-06-16"),
        ("Over the past two weeks I slept badly.", "2023-05-31", "2023-06-14"),
        ("What did I learn in the last 30 days?", "2023-05-15", "2023-06-14"),
        ("What changed in the past year?", "2022-06-14", "2023-06-14"),
        ("The concert was on 8 May 2023.", "2023-05-08", "2023-05-08"),
        ("The concert was on May 8th, 2023.", "2023-05-08", "2023-05-08"),
        ("On the 8th of May we sang.", "2023-05-08", "2023-05-08"),
        ("On December 24 we drove home.", "2022-12-24", "2022-12-24"),
        ("The deadline was 2023-04-30.", "2023-04-30", "2023-04-30"),
        ("On Sept. 3, 2021 we were free.", "2021-09-03", "2021-09-03"),
        ("The shop opened in March 2022.", "2022-03-01", "2022-03-31"),
        ("What did we plant in May?", "2023-05-01", "2023-05-31"),
        ("Back in November it snowed.", "2022-11-01", "2022-11-30"),
        ("In early March 2023 I had flu.", "2023-03-01", "2023-03-10"),
        ("Late in April the swallows came.", "2023-04-21", "2023-04-30"),
        ("Last May we were in Rome.", "2023-05-01", "2023-05-31"),
        ("Last July we were in Rome.", "2022-07-01", "2022-07-31"),
        ("Next August we go again.", "2023-08-01", "2023-08-31"),
        ("Where were we last summer?", "2022-06-01", "2022-08-31"),
        ("This summer I learn to sail.", "2023-06-01", "2023-08-31"),
        ("Last winter was mild.", "2022-12-01", "2023-02-28"),
        ("In the fall we pick apples.", "2022-09-01", "2022-11-30"),
        ("The summer of 2019 was dry.", "2019-06-01", "2019-08-31"),
        ("What happened in winter 2020?", "2020-12-01", "2021-02-28"),
        ("Last Friday I sold the car.", "2023-06-09", "2023-06-09"),
        ("On Monday the kettle broke.", "2023-06-12", "2023-06-12"),
        ("This Friday is the fair.", "2023-06-16", "2023-06-16"),
        ("Next Wednesday I see the dentist.", "2023-06-21", "2023-06-21"),
        ("The invoice came on the 3rd.", "2023-06-03", "2023-06-03"),
        ("It was paid on the 28th.", "2023-05-28", "2023-05-28"),
        ("We met in 2017.", "2017-01-01", "2017-12-31"),
        ("In late 2021 I changed jobs.", "2021-09-02", "2021-12-31"),
        ("She grew up in the 1990s.", "1990-01-01", "1999-12-31"),
        ("Three Fridays ago I sold the car.", "2023-05-26", "2023-05-26"),
        ("The Friday before last it rained.", "2023-06-02", "2023-06-02"),
        ("On Tuesday last week it rained.", "2023-06-06", "2023-06-06"),
        ("This coming Monday we paint.", "2023-06-19", "2023-06-19"),
        ("Over the weekend we painted.", "2023-06-10", "2023-06-11"),
        ("The night before last it thundered.", "2023-06-12", "2023-06-12"),
        ("Half a year ago I stopped.", "2022-12-01", "2022-12-31"),
        ("A year and a half ago I began.", "2021-12-01", "2021-12-31"),
        ("A fortnight ago it hailed.", "2023-05-28", "2023-06-03"),
        ("Two weeks from now we leave.", "2023-06-25", "2023-07-01"),
        ("Between March and May I was ill.", "2023-03-01", "2023-05-31"),
        ("From November to February we were away.", "2022-11-01", "2023-02-28"),
        ("What did I read between March and May 2021?", "2021-03-01", "2021-05-31"),
        ("From 2019 to 2021 I lived there.", "2019-01-01", "2021-12-31"),
        ("The fair was on May 3-5, 2022.", "2022-05-03", "2022-05-05"),
        ("The fair was from 3 to 5 May.", "2023-05-03", "2023-05-05"),
        ("At the end of May it snowed.", "2023-05-22", "2023-05-31"),
        ("The beginning of last month was wet.", "2023-05-01", "2023-05-10"),
        ("Last quarter we sold more.", "2023-01-01", "2023-03-31"),
        ("The third quarter of 2022 was slow.", "2022-07-01", "2022-09-30"),
        ("Last Christmas the oven broke.", "2022-12-24", "2022-12-26"),
        ("It was signed on 24.12.2021.", "2021-12-24", "2021-12-24"),
        ("It was signed on 12/24/2021.", "2021-12-24", "2021-12-24"),
        ("In the 80s we had no phone.", "1980-01-01", "1989-12-31"),
        ("On February 29 we married.", "2020-02-29", "2020-02-29"),
        ("三月到五月我病了。", "2023-03-01", "2023-05-31"),
        ("5月3日至5日有集市。", "2023-05-03", "2023-05-05"),
        ("2019年至2021年我住在那里。", "2019-01-01", "2021-12-31"),
        ("上个月底下了雪。", "2023-05-22", "2023-05-31"),
        ("五月初下了雪。", "2023-05-01", "2023-05-10"),
        ("月初交了房租。", "2023-06-01", "2023-06-10"),
        ("去年第三季度很慢。", "2022-07-01", "2022-09-30"),
        ("去年下半年我很忙。", "2022-07-01", "2022-12-31"),
        ("上个季度卖得多。", "2023-01-01", "2023-03-31"),
        ("半年前我戒了烟。", "2022-12-01", "2022-12-31"),
        ("一年半前我开始学琴。", "2021-12-01", "2021-12-31"),
        ("前几天我见过他。", "2023-06-08", "2023-06-12"),
        ("去年圣诞节烤箱坏了。", "2022-12-24", "2022-12-26"),
        ("国庆节我们去爬山。", "2022-10-01", "2022-10-07"),
        ("八十年代没有电话。", "1980-01-01", "1989-12-31"),
        ("2月29日我们结了婚。", "2020-02-29", "2020-02-29"),
        ("昨天锅炉坏了。", "2023-06-13", "2023-06-13"),
        ("前天他打过电话。", "2023-06-12", "2023-06-12"),
        ("今天我修好了篱笆。", "2023-06-14", "2023-06-14"),
        ("后天我们出发。", "2023-06-16", "2023-06-16"),
        ("三天前屋顶修好了。", "2023-06-11", "2023-06-11"),
        ("两周前我们领养了狗。", "2023-05-28", "2023-06-03"),
        ("两个月前我戒了烟。", "2023-04-01", "2023-04-30"),
        ("十年前她离开了。", "2013-01-01", "2013-12-31"),
        ("几天前我见过他。", "2023-06-08", "2023-06-12"),
        ("上周谁来过？", "2023-06-05", "2023-06-11"),
        ("上周五我卖了车。", "2023-06-09", "2023-06-09"),
        ("上个周末我们去爬山了吗？", "2023-06-10", "2023-06-11"),
        ("下星期三我看牙医。", "2023-06-21", "2023-06-21"),
        ("周一水壶坏了。", "2023-06-12", "2023-06-12"),
        ("上个月我花了多少钱？", "2023-05-01", "2023-05-31"),
        ("上个月3号发票到了。", "2023-05-03", "2023-05-03"),
        ("下个月房租要涨。", "2023-07-01", "2023-07-31"),
        ("去年我们搬了家。", "2022-01-01", "2022-12-31"),
        ("去年五月我们在罗马。", "2022-05-01", "2022-05-31"),
        ("去年夏天我们在哪里？", "2022-06-01", "2022-08-31"),
        ("今年春天我学了帆船。", "2023-03-01", "2023-05-31"),
        ("前年冬天很冷。", "2021-12-01", "2022-02-28"),
        ("2022年3月店开张了。", "2022-03-01", "2022-03-31"),
        ("二〇二二年三月店开张了。", "2022-03-01", "2022-03-31"),
        ("音乐会在2023年5月8日。", "2023-05-08", "2023-05-08"),
        ("5月8号我们唱了歌。", "2023-05-08", "2023-05-08"),
        ("十一月下了雪。", "2022-11-01", "2022-11-30"),
        ("去年年底我换了工作。", "2022-09-01", "2022-12-31"),
        ("最近三天我没睡好。", "2023-06-11", "2023-06-14"),
        ("过去两个月我在学琴。", "2023-04-14", "2023-06-14"),
        ("3号发票到了。", "2023-06-03", "2023-06-03"),
    ],
)
def test_a_sentence_speaks_of_these_days(text: str, first: str, last: str) -> None:
    found = days(text)

    assert len(found) == 1, found
    if "年底" in text or "late 2021" in text:  # a third of a year, to the day or so
        assert abs(date.fromisoformat(found[0][0]) - date.fromisoformat(first)) <= timedelta(days=2)
        assert found[0][1] == last
    else:
        assert found == [(first, last)]


@pytest.mark.parametrize(
    "text",
    [
        "You may keep it.", "We march at dawn.", "Leaves fall.", "A spring of water.", "The second one is mine.",
        "He came in 3rd place.", "The 2nd time was easier.", "Room 2023 is upstairs.", "I have three cats.",
        "We met on 31 April.", "This one is last.", "Week after week.", "Call 0199 2020.",
        "Every Monday I swim.", "The ratio is 3.5.2 or so.", "It was 5/8/2023 or so.", "A Christmas tree fell.",
        "Version 2.10.2021.3 is out.", "The weekend paper.", "We need a quarter of it.", "The second quarter-final.",
        "每周一我游泳。", "春节晚会", "正月初三", "我有三只猫。", "坐3号线去。", "第一天", "他住在五号楼。", "", "!!!",
    ],
)  # fmt: skip
def test_a_sentence_without_days_has_none(text: str) -> None:
    assert days(text) == []


def test_several_dates_come_in_the_order_of_the_text() -> None:
    assert days("Last week I was ill, and on 2 May I was in Graz.") == [
        ("2023-06-05", "2023-06-11"),
        ("2023-05-02", "2023-05-02"),
    ]
    assert [one.text for one in ranges_in("In May 2022 and last June.", reference=NOW)] == ["In May 2022", "last June"]


def test_winter_is_told_right_while_it_lasts() -> None:
    january = datetime(2023, 1, 20, tzinfo=UTC)

    assert [str(one.start) for one in ranges_in("this winter", reference=january)] == ["2022-12-01"]
    assert [str(one.start) for one in ranges_in("last winter", reference=january)] == ["2021-12-01"]
    assert [str(one.start) for one in ranges_in("last month", reference=january)] == ["2022-12-01"]


def test_a_day_is_written_in_words_that_people_ask_for() -> None:
    assert day_words(date(2023, 5, 8)) == "8 may 2023 monday"
    assert day_words(date(2023, 5, 8), language="zh") == "2023年 5月 8日"


def test_a_long_text_is_looked_through_in_no_time() -> None:
    assert len(ranges_in("last week and in May " * 1000, reference=NOW)) == 1904
