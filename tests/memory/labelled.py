"""Sentences of ours and the type that a person gives them: en and zh, all six types."""

from memory.types import MemoryType

PERSONAL = """
I am a nurse.
I'm allergic to peanuts.
My name is Katrin.
My sister Lena lives with me.
I like long novels about the sea.
I really hate spoilers.
I prefer tea to coffee.
My favourite colour is green.
I live near the harbour.
I speak German and a little Polish.
I have two cats and a tortoise.
I'm afraid of heights.
I am 34 years old.
I work as a translator for a small publisher.
My mother tongue is Portuguese.
I don't eat meat.
I'm learning to play the cello.
My goal is to read fifty books a year.
I usually read before going to sleep.
My daughter is called Ines.
我叫李雷。
我喜欢喝绿茶。
我住在成都。
我对花生过敏。
我的生日是五月三日。
我是一名中学老师。
我有两个孩子。
我不吃辣。
我最喜欢的作家是沈从文。
我养了一只猫。
我害怕坐飞机。
我妈妈是医生。
我在一家银行工作。
我平时喜欢跑步。
My husband grew up on a farm.
I can't stand crowded trains.
I play chess twice a week.
I've been vegetarian all my life.
We have a garden with apple trees.
I would love to visit Japan one day.
My doctor told me to avoid salt.
I'm more of a morning person.
我比较内向。
我每天六点起床。
我想学法语。
我丈夫是工程师。
我不太喜欢科幻小说。
Our flat is on the fourth floor.
I'm saving money for a house.
I sleep badly when it is hot.
My glasses are too weak.
I sing in a choir.
我身高一米八。
我们家有两辆车。
我正在准备考研。
"""
EPISODIC = """
Yesterday I finished the second volume.
In 2019 we travelled through Iceland.
I met Anna at the book fair last week.
Last summer my brother and I walked across the Alps.
We moved to a new flat three months ago.
On Monday I lost my library card.
I saw a great film last night.
This morning the train was two hours late.
I graduated in 2012.
Two days ago Tom called me from Lisbon.
I bought a first edition in March.
We had dinner with Maria on 3 May.
When I was ten, I broke my arm.
I've just finished reading the first chapter.
Last weekend she visited her parents.
She won the race in 2021.
昨天我读完了第一卷。
去年我们去了云南。
上周我在书店遇到了老同学。
我三年前搬到了上海。
2018年我从大学毕业了。
今天早上我丢了钥匙。
上个月她参加了马拉松。
昨晚我们看了一部电影。
前几天我买了一本旧书。
小时候我在乡下住过三年。
My grandmother died in spring 2015.
I fell off my bike on the way to work today.
She gave me a signed copy for my birthday last year.
The conference took place in Vienna in October.
I started reading Middlemarch yesterday evening.
Our team won the cup on 12 June 2022.
2020年春天我开始写日记。
上周末我和朋友爬了黄山。
昨天老板批准了我的假期。
我去年读完了《红楼梦》。
The cellar flooded in January.
I interviewed for a job at the museum on Tuesday.
A year ago my uncle opened a bakery.
After dinner we argued about the ending.
前天下了一场大雪。
五年前我在柏林学习过。
今天下午我去看了牙医。
"""
PROCEDURAL = """
Always answer in short sentences.
Please never tell me how a book ends.
When you summarise a chapter, use bullet points.
First boil the water, then add the rice.
To reset the device, hold the button for ten seconds.
From now on, quote the original before you translate it.
Don't use footnotes in your answers.
I want you to explain difficult words.
If you quote a passage, give the page as well.
Use British spelling.
Step 1: open the settings and choose a language.
How to make pesto: crush basil, garlic and nuts, then add oil.
Before you lend a book, write the name into the list.
I'd like your answers to be short.
Make sure to save the file before closing the program.
Press the green key and wait for the tone.
请用中文回答我的问题。
以后不要剧透结局。
先把水烧开，再放面条。
总结的时候请用要点。
每次引用都要写出页码。
第一步：打开设置，选择语言。
如果我问古文，请先翻译成白话。
回答要简短，不要列表。
记得先保存再关闭程序。
我希望你解释难懂的词。
Keep explanations under three lines.
When I ask for a quote, always give the chapter.
Never mention the murderer's name before I reach the end.
To make tea, warm the pot, add the leaves and pour boiling water.
Call me by my first name.
Begin each reply with a summary.
不要用太多术语。
翻译时保留原文的语序。
做面包要先揉面，然后发酵两小时。
以后叫我小王就行。
Talk to me as if I were a beginner.
For each chapter, list the characters.
No spoilers, please.
Replace the filter every six months.
解释的时候举个例子。
引用古诗要注明作者。
做饭前洗手。
"""
FACTUAL = """
The library closes at six on Fridays.
Paris is the capital of France.
Water boils at 100 degrees at sea level.
Tom works at the city archive.
The novel was published in 1851.
Anna's dog is called Bruno.
The bridge is 420 metres long.
Lake Constance borders Germany, Austria and Switzerland.
The museum has a copy of the first map.
Mr Keller teaches chemistry at the grammar school.
The ticket costs 12 euros.
Iceland has about 380,000 inhabitants.
The shop opens at nine.
Berlin lies on the Spree.
The second volume contains 400 pages.
The manuscript was discovered in a monastery.
图书馆周五六点关门。
巴黎是法国的首都。
这座桥长四百米。
《呐喊》的作者是鲁迅。
长江全长约6300公里。
王老师住在南京。
这家书店成立于1935年。
那本书有三百页。
水的沸点是一百摄氏度。
博物馆位于市中心。
Dr. Weber's office is on the second floor.
The Danube flows through ten countries.
Emma was written by Jane Austen.
The password policy requires twelve characters.
Our neighbour Paul drives a red van.
The meeting starts at 14:30.
长城始建于春秋时期。
张三的电话是12345678。
北京大学在海淀区。
这家餐厅周一休息。
Mount Everest is 8,849 metres high.
Mrs Baker has three sons.
The train to Lyon leaves from platform four.
Leo Tolstoy wrote War and Peace.
他的妹妹在银行上班。
这条河流入东海。
故宫有九千多间房间。
"""
SEMANTIC = """
Entropy is a measure of disorder.
A sonnet is a poem that has fourteen lines.
Irony means saying the opposite of what one thinks.
Photosynthesis is the process of turning light into sugar.
Utilitarianism is a theory of ethics that judges acts by their results.
Metonymy refers to naming a thing by something close to it.
Inflation is defined as a lasting rise of prices.
A palindrome is a word which reads the same backwards.
Epistemology is the study of knowledge.
The unreliable narrator is a technique of modern fiction.
Free verse differs from blank verse: it has no metre.
GDP stands for gross domestic product.
Demand depends on price and income.
A cell consists of a membrane, cytoplasm and a nucleus.
Stoicism is a school that holds virtue to be the only good.
熵是指系统的混乱程度。
光合作用是一种把光能变成化学能的过程。
所谓意识流，是描写思绪的写作手法。
通货膨胀指的是物价持续上涨。
比喻是一种常见的修辞手法。
认识论是研究知识的学科。
细胞由细胞膜、细胞质和细胞核组成。
“推敲”的意思是反复斟酌字句。
价格取决于供求关系。
悲剧被称为诗的最高形式。
浪漫主义是一种强调情感的文学思潮的统称。
A metaphor compares two things without using like or as.
Democracy is rule by the people.
Osmosis is the movement of water through a membrane.
In economics, utility denotes the satisfaction a good gives.
The term "kitsch" describes art of poor taste.
元小说就是关于小说的小说。
“蝴蝶效应”指微小变化引起巨大后果。
隐喻不用“像”字，明喻要用。
民主意味着人民做主。
Capitalism is an economic system based on private ownership.
A haiku has three lines and seventeen syllables.
Hubris denotes excessive pride.
Gravity causes objects to attract each other.
机会成本是放弃的最佳选择的价值。
悖论指自相矛盾的命题。
古典主义强调理性与规范。
"""
CONVERSATIONAL = """
Hello there!
Thanks a lot!
What do you think about it?
Ok, sounds good.
Haha, that's great.
Good morning!
Why does the captain hunt the whale?
Hmm, maybe.
Could you tell me more?
That's interesting.
Yes.
I'm not sure.
Who wrote this?
Bye!
I see.
Is there another translation?
你好！
谢谢你！
你觉得这一章怎么样？
好的，明白了。
哈哈哈
这是什么意思？
为什么他要离开家乡呢？
嗯嗯
晚安！
作者是谁？
我不太确定。
How are you doing?
That makes sense, thank you.
Could we continue with the next chapter?
Well, I guess so.
No problem at all.
Nice to meet you.
原来是这样啊。
我们继续吧。
你能再说一遍吗？
真的吗？太棒了！
Sure, go ahead.
Where were we?
You're right about that.
Let me think.
说得对！
那接下来呢？
哦，是吗？
等一下。
"""
LABELLED = [
    (line, kind)
    for kind, lines in (
        (MemoryType.PERSONAL, PERSONAL),
        (MemoryType.EPISODIC, EPISODIC),
        (MemoryType.PROCEDURAL, PROCEDURAL),
        (MemoryType.FACTUAL, FACTUAL),
        (MemoryType.SEMANTIC, SEMANTIC),
        (MemoryType.CONVERSATIONAL, CONVERSATIONAL),
    )
    for line in lines.split("\n")
    if line
]
