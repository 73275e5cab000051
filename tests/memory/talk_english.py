"""Two people talk over a year: our own words, for measuring what search finds. See talks.py for the form."""

from typing import Final

SESSIONS: Final = """
# 2024-01-14 19:30
Odile: Happy new year, Tobias! It has been ages. How is the ferry treating you?
Tobias: Same to you! The ferry is fine, but we had a cracked injector on Boxing Day and I spent the night in the oil.
Odile: Ouch. I hope they gave you the morning off at least.
Tobias: They did. I slept until noon and then took Wanda sledging on the hill behind the brewery.
Odile: Sweet. How old is she now?
Tobias: She turned seven in November. She wants to be either a vet or a dragon.
Odile: Both sound reasonable. I have news too: since the first of January I am head of the map room at the city archive.
Tobias: Congratulations! You have waited for that for years.
Odile: Six years, to be exact. Now I have a key to the cellar with the old harbour charts.
Tobias: You must show me those one day. Are you still singing?
Odile: Every Tuesday. The choir is rehearsing Fauré for Easter, and I am an alto again because two of ours have the flu.
Tobias: I will be in the audience if the timetable lets me.
Odile: I'd love that. It is on the thirtieth of March, in St. Brannock's.

# 2024-02-10 18:05
Tobias: Guess what arrived today. [a photo of two white wooden boxes on a lawn covered with frost]
Odile: Are those what I think they are?
Tobias: Beehives! I signed up for the beginners' course at the agricultural college. It starts next week.
Odile: I didn't know you were into that. What brought it on?
Tobias: My grandfather kept some when I was small. I miss the smell of his smoker.
Odile: That is a lovely reason. Keep me a jar.
Tobias: First in July, if they don't all fly away. And you, what keeps you busy?
Odile: My father, mostly. He got hearing aids last week and hates them.
Tobias: Oh dear. Does he wear them at all?
Odile: Only when the football is on. I bribed him with a new radio.
Tobias: Clever. Wanda lost her first tooth yesterday. She wanted it sent to the tooth fairy by registered mail.
Odile: Tell her the archive would be glad to take it.

# 2024-03-17 20:15
Odile: I did something mad. I have taken on an allotment, plot 41, the one with the broken greenhouse.
Tobias: Wonderful! What will you grow?
Odile: Chard and runner beans to begin with. The soil is mostly clay, so no carrots.
Tobias: I can lend you the rotavator. My neighbour has one and owes me a favour.
Odile: Please! My back would thank you both.
Tobias: I'm free on Saturday. How are rehearsals?
Odile: Tense. Our conductor broke her wrist on the ice, so a student of hers conducts with much enthusiasm and no beat.
Tobias: Ha. I have been struggling as well: I began to learn Portuguese with an app and cannot say one nasal vowel.
Odile: Portuguese? Where does that come from?
Tobias: There is a job in Setúbal, at a shipyard. I haven't applied. I just like to know that I could.
Odile: Well, well. Would you really move?
Tobias: Not without Wanda, and her mother would never agree. So it's a daydream.

# 2024-04-21 17:40
Tobias: That concert was the best thing I have heard in years. I cried in the Sanctus.
Odile: You are kind. I saw you in the third row with a handkerchief!
Tobias: Guilty. And the bees have moved in: ten thousand of them, on Thursday.
Odile: How was it? Were you stung?
Tobias: Twice, both on the left ear. The right one is jealous.
Odile: Poor thing. The greenhouse is mended: your rotavator man turned out to be a glazier. I have sown tomatoes in it.
Tobias: Benedikt? He never told me that he does glass.
Odile: He does it beautifully. He refused money, so I drew up his family tree.
Tobias: He will treasure it. By the way, I took up chess again. The club meets on Wednesdays above the bakery.
Odile: You used to play at school, didn't you?
Tobias: Second board. Now a boy of eleven beats me in twenty moves.
Odile: It builds character. I am off to see Papa, he wants me to fix the radio.

# 2024-06-02 21:00
Odile: I have to tell you about Ghent. We sang there last weekend, in an old textile mill.
Tobias: The whole choir? How did you all travel?
Odile: By night train, forty of us in one carriage, humming. The attendant gave up at two in the morning.
Tobias: I can picture it. What was on the programme?
Odile: Folk songs, mostly Estonian. One of them is about a girl who milks a wolf.
Tobias: Wanda would approve. She has a guinea pig now, Admiral Crumb.
Odile: An excellent name. Who chose it?
Tobias: She did, after a book about a ship's cat. We read a chapter each evening.
Odile: Which book is that?
Tobias: "The Cat Who Steered by Stars". It's a bit scary in the middle.
Odile: I shall look for it. My knee is playing up, sadly. The doctor says I must not kneel in the beds for a month.
Tobias: Then I will weed for you. It's the least I can do after all that chard.

# 2024-07-28 10:20
Tobias: First harvest: eleven kilos of honey! [a photo of amber jars on a windowsill beside a child's drawing of a bee]
Odile: Eleven! I claim one jar as promised.
Tobias: You get two. Wanda drew the labels. She calls it "Ferry Gold".
Odile: I will frame one. I had a small triumph too: we found a chart from 1702 in the cellar that nobody had listed.
Tobias: Really? What does it show?
Odile: The harbour before the mole was built, every wreck marked in red ink. A museum in Rotterdam wants to borrow it.
Tobias: You should write about that.
Odile: I am writing an article for the historical society. The deadline is the end of September.
Tobias: I have news as well. I applied.
Odile: For Setúbal? Tobias!
Tobias: Wanda's mother has been offered work in Lisbon, so suddenly it isn't a daydream any more.
Odile: I don't know whether to cheer or cry.
Tobias: Do both. I did.

# 2024-09-15 16:45
Odile: Papa moved in with me three days ago. He brought eleven clocks and no socks.
Tobias: Eleven clocks! Do they all strike?
Odile: Seven do, never together. I have started to repair the oldest, a longcase from Leeds.
Tobias: Since when do you mend clocks?
Odile: Since I took an evening class in August. It is the only thing that makes him talk about Mama.
Tobias: That is beautiful. How is your knee?
Odile: Better. I swim now instead of kneeling, four mornings a week at the open-air pool.
Tobias: Good for you. I had the interview on Monday, by video. They asked about ballast pumps for an hour.
Odile: Your favourite subject.
Tobias: Exactly. I lost the chess tournament, though. Knocked out in the second round by the same boy.
Odile: He'll be a grandmaster. Be proud to be in his memoirs.

# 2024-11-03 19:00
Tobias: I got it. I start in Setúbal on the first of March.
Odile: Oh Tobias. I am so happy, and I have cut myself on a leek.
Tobias: Don't bleed on the soup. Wanda only asked whether there are guinea pigs in Portugal.
Odile: And are there?
Tobias: There will be one. The Admiral travels with papers, vaccinated and in a cage of his own.
Odile: Who takes the bees?
Tobias: Benedikt does. He has helped me all summer and never once been stung.
Odile: They can tell a good glazier. My article is out, by the way, with the wrecks on the cover.
Tobias: Send me one! I want it signed.
Odile: I will. And I have got a cat, or rather he has got me. He came in with the coal man and stayed.
Tobias: What do you call him?
Odile: Ledger. He sits on everything I have to read.

# 2024-12-22 15:30
Odile: How was the farewell on board?
Tobias: They painted my name on the old injector and gave it to me. I had to pretend that I had something in my eye.
Odile: You always do. We sang carols at the hospital yesterday and I was asked to take the solo.
Tobias: You? You swore that you would never sing alone.
Odile: I did, and I shook like a leaf, but an old sailor in the front row held my sleeve.
Tobias: I wish I had seen it. What will you do over the holidays?
Odile: Papa wants to go to Leeds, to show me where he bought the clock. We leave on the twenty-seventh.
Tobias: Take the slow line along the coast. Wanda and I are packing: she has one box for clothes and nine for books.
Odile: She has her priorities right. Come for dinner before you go. I'll make the bean stew you like.
Tobias: With your own runner beans? I would miss my ship for it.
"""

QUESTIONS: Final = (
    ("one", "What did Odile become at the archive?", ("head of the map room",)),
    ("one", "How old is Wanda?", ("She turned seven",)),
    ("one", "What broke on the ferry at Christmas?", ("cracked injector",)),
    ("one", "Which church does the choir sing in at Easter?", ("St. Brannock's",)),
    ("one", "Why did Tobias begin to keep bees?", ("My grandfather kept some",)),
    ("one", "When does Odile's father wear his hearing aids?", ("Only when the football",)),
    ("one", "What is the ground of the allotment like?", ("mostly clay",)),
    ("one", "Who was injured before the concert?", ("broke her wrist",)),
    ("one", "Where was Tobias stung?", ("both on the left ear",)),
    ("one", "What does Benedikt do for a living?", ("turned out to be a glazier",)),
    ("one", "How did Odile repay Benedikt?", ("drew up his family tree",)),
    ("one", "What is the name of Wanda's pet?", ("Admiral Crumb",)),
    ("one", "Which book do Tobias and Wanda read in the evenings?", ("The Cat Who Steered",)),
    ("one", "How did the choir get to Belgium?", ("By night train",)),
    ("one", "How much honey did Tobias harvest?", ("eleven kilos of honey",)),
    ("one", "What is drawn on the old chart?", ("every wreck marked",)),
    ("one", "Who wants to borrow the map that Odile found?", ("museum in Rotterdam",)),
    ("one", "What was Tobias asked in his job interview?", ("ballast pumps",)),
    ("one", "Who will look after the hives when Tobias is gone?", ("Benedikt does. He has helped",)),
    ("one", "What did his colleagues give Tobias when he left?", ("painted my name on the old injector",)),
    ("one", "What is Odile's cat called?", ("Ledger. He sits",)),
    ("one", "What did Odile do at the hospital?", ("sang carols at the hospital",)),
    ("when", "When was Odile's concert in spring?", ("thirtieth of March",)),
    ("when", "When did Wanda lose a tooth?", ("lost her first tooth",)),
    ("when", "When did the bees arrive?", ("ten thousand of them",)),
    ("when", "When did Odile's father come to live with her?", ("Papa moved in",)),
    ("when", "When does Tobias begin his new job?", ("I start in Setúbal",)),
    ("when", "What did Odile do at the end of May 2024?", ("sang there last weekend",)),
    ("when", "When did Odile learn to repair clocks?", ("evening class in August",)),
    ("list", "What does Odile grow on her allotment?", ("Chard and runner beans", "sown tomatoes")),
    ("list", "Which hobbies has Tobias taken up?",
     ("Beehives! I signed up", "began to learn Portuguese", "took up chess again")),
    ("list", "Which animals live with the two families?",
     ("Admiral Crumb", "ten thousand of them", "I have got a cat")),
    ("list", "Where has Odile's choir performed?", ("St. Brannock's", "in an old textile mill", "at the hospital")),
    ("list", "What has Wanda made or said that was funny?", ("a vet or a dragon", "by registered mail", "Wanda drew")),
    ("list", "Which health problems has Odile had?", ("My knee is playing up", "cut myself on a leek")),
    ("list", "What instruments or machines did anyone mend?", ("greenhouse is mended", "started to repair the oldest")),
    ("list", "Which steps led to Tobias's move to Portugal?",
     ("There is a job in Setúbal", "I applied.", "had the interview on Monday", "I got it. I start")),
    ("list", "What did Tobias offer to do for Odile?", ("I can lend you the rotavator", "I will weed for you")),
    ("open", "Does Odile's father sleep well, with so much ticking?", ("brought eleven clocks", "Seven do")),
    ("open", "Would Tobias enjoy a museum of engines?", ("spent the night in the oil", "ballast pumps")),
    ("open", "Is Odile afraid of performing alone?", ("shook like a leaf", "never sing alone")),
    ("open", "Does Odile like vegetables?", ("Chard and runner beans", "bean stew")),
)  # fmt: skip
