"""What the measured citizens say: the day of one person, always the same, taken from the training data (`data/nlu`)
with a few plain answers (`ANSWERS`) to what a hotline asks back."""

PLACE = "西门街道"
NO_CONTACT = "不留电话"
ANSWERS = frozenset({PLACE, NO_CONTACT})

DAY = (
    "你好", "你有哪些功能",
    "下水道堵了，厨房要发洪水了", PLACE, "再换几个", "多谢多谢",
    "热死了空调不制冷", "走路能到的", "算了不弄了",
    "每周五下午要个阿姨来打扫两个钟头，长期的", "还有别的吗", "多谢",
    "身份证没了", "新身份证大概几天拿得到，能寄到家里吗", "今天先问到这儿",
    "楼下烧烤店油烟直往家里灌，熏死我了", PLACE, NO_CONTACT, "对的", "查一下我的工单", "帮我催催", "能不能匿名",
    "冰箱不冷了，肉都臭了，气死", "哪个离我最近", "太感谢了",
    "在杭州交了六年医保，现在跳槽到宁波，之前的年限能接上吗", "宝宝报户口", "你是真人还是机器",
    "煤气瓶用空了，中午饭烧一半，送一瓶来", "下一批", "不用了",
    "煤气味好大 怎么办怎么办", "谢了",
    "空气里有塑料烧焦的味道，附近厂子排的", PLACE, NO_CONTACT, "对对对", "有进展吗", "五星好评",
    "恭喜您获得本平台幸运大奖，点击链接领取iPhone", "算了不弄了", "拜拜啦",
)

PROBE = (
    "下水道堵了，厨房要发洪水了", "再换几个", "多谢多谢", "身份证没了", "有进展吗", "热死了空调不制冷", "还有别的吗",
    "你有哪些功能", "谢了",
)
"""Said at every age of a conversation at which a turn is timed; the same each time, so that only the age differs."""

BREAK_OFF = "算了不弄了"
"""Ends whatever the filling before a probe has left open."""
