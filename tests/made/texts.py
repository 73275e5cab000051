"""Texts in many languages, made here, long enough to tell what they are."""

from books.formats.chinese import TO_TRADITIONAL

CHINESE = (
    "话说东海之边有一座石塔，塔上住着一位老渔翁，姓陈名守灯，每到黄昏便点灯引船。\n"
    "“你从哪里来？”老人问道，“这样大的风雪，怎么还有人在路上走？”少年没有回答，只是望着窗外。\n"
    "第二天早上，太阳从云层后面出来，照得雪地一片明亮；孩子们跑到院子里去了。\n"
)
TRADITIONAL = CHINESE.translate(TO_TRADITIONAL)
JAPANESE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。\n"
KOREAN = "옛날 옛적 바닷가에 등대지기가 살았습니다. 그는 매일 밤 등불을 켰습니다.\n"
RUSSIAN = "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему.\n"
FRENCH = "Longtemps, je me suis couché de bonne heure. À peine ma bougie éteinte, mes yeux se fermaient déjà.\n"
POLISH = (
    "Stary latarnik mieszkał nad morzem i każdego wieczoru zapalał wielką lampę, która świeciła aż do rana.\n"
    "Zima tego roku była mroźna, więc statki nie mogły wypłynąć z portu i nikt się nie śmiał.\n"
)
TURKISH = (
    "Yaşlı bekçi deniz kıyısında yaşıyordu ve her akşam büyük bir lamba yakıyordu, çünkü gemiler için çok önemliydi.\n"
    "O kış daha soğuktu ve liman buzla kaplıydı, ama bekçi her gün olduğu gibi ışığı yaktı.\n"
)
GREEK = "Ο γέρος φύλακας ζούσε κοντά στη θάλασσα και κάθε βράδυ άναβε τη μεγάλη λάμπα.\n"
HEBREW = "השומר הזקן גר ליד הים ובכל ערב היה מדליק את המנורה הגדולה.\n"
ARABIC = "كان الحارس العجوز يسكن قرب البحر ويشعل المصباح الكبير كل مساء.\n"
THAI = "คนเฝ้าประภาคารชราอาศัยอยู่ใกล้ทะเลและจุดตะเกียงใหญ่ทุกเย็น\n"
