"""Words that ask for a fee or obstruct sharing are refused with the rule; a restriction says more than "sensitive"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.wording import empty_reason, wording_faults
from services.shared.obstructions import obstructions
from services.shared.reference import find_clause, legal_instruments

FEES = [
    "每条收费0.5元",
    "0.5元/条",
    "5元／千次",
    "每次调用0.1元",
    "每千条数据2.5元",
    "按次计费",
    "按 次\n收 费",
    "按条计价",
    "按量结算",
    "须支付相应费用",
    "需支付数据使用费",
    "支付一定的报酬",
    "给予提供单位报酬",
    "另收服务费",
    "收取工本费",
    "有偿使用",
    "付费后提供",
    "先付费后使用",
    "未付费不予提供",
    "不缴费不提供",
    "不支付费用不提供",
    "付款后开通接口",
    "由需求单位承担全部费用",
    "费用自理",
    "费用面议",
    "一事一议，费用另计",
    "分摊成本",
    "承担数据采集经费",
    "缴纳押金后开通",
    "按市场价提供",
    "价格面议",
    "数据服务费每年五万",
    "接口调用费按年结算",
    "向需求单位征收费用",
    "购买数据后方可下载",
    "停车数据收费提供",
    "停车收费数据每条收费1元",
    "不收费的停车场数据有偿提供",
    "收\u200b费",
    "收\u0336费\u0336",
    "收費",
    "按調用量計費",
    "￥3/条",
    "RMB 2 per record",
    "Price: 3 per call",
    "0.2 yuan/record",
    "CNY 5",
    "a charge applies",
    "A fee of 10",
    "Charges may apply",
    "subject to payment",
    "pay-per-use",
    "cost recovery",
    "paid access only",
    "ＦＥＥ required",
]
ABOUT_FEES = [
    "停车收费管理",
    "核查道路停车电子收费情况",
    "停车收费标准备案核对",
    "停车计费时段核查",
    "停车场5元/次的收费标准",
    "核对水费缴纳记录",
    "电费欠缴名单",
    "水电气费代扣",
    "财政经费使用情况",
    "财政经费绩效评价",
    "医疗费用结算",
    "住院费用报销审核",
    "核查已支付的医疗费用",
    "救助费用核算",
    "研发费用加计扣除",
    "房屋征收费用",
    "房屋征收、费率",
    "社保缴费年限核验",
    "养老保险缴费基数",
    "缴费记录核对",
    "欠缴费企业名单",
    "行政事业性收费公示",
    "查处涉企违规收费",
    "教育收费监管",
    "高速公路收费站位置",
    "充电桩位置与充电收费情况",
    "物业服务费收缴情况",
    "垃圾处理费征收",
    "供热费用补贴发放",
    "学费减免资格审核",
    "税费减免",
    "保险费征缴",
    "诉讼费用减免",
    "劳动报酬争议",
    "拖欠农民工劳动报酬线索",
    "居民消费价格指数",
    "药品价格监管",
    "房屋成交单价",
    "商品房价格监测",
    "公交票价",
    "投标报价分析",
    "国库集中支付",
    "医保支付方式改革",
    "国有土地有偿使用",
    "单用途预付费卡监管",
    "注册资本500万元以上",
    "年收入12万元以下家庭",
    "罚款200元以上的违法停车记录",
    "元旦期间每条线路客流",
    "每条元数据的质量",
    "无偿使用，不收费",
    "不收取任何费用，注明来源",
    "免费用于城市管理",
    "无需支付任何费用",
    "不向需求单位收取任何费用",
    "the person in charge of parking",
    "free of charge",
    "discharge permits",
    "coffee shops",
    "consumer price index",
    "parking fees records",
    "enterprise registry, feedback",
    "medical fees",
]


def told(text: str) -> list[str]:
    return [fault.detail for fault in wording_faults([("/terms/scope/rows", text)])]


@pytest.mark.parametrize("text", FEES)
def test_a_fee_is_refused_because_sharing_is_free(text: str) -> None:
    assert any("无偿" in detail and "free of charge" in detail for detail in told(text))


@pytest.mark.parametrize("text", ABOUT_FEES)
def test_data_about_fees_are_shared_like_others(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "具体条件另行商定",
        "一事一议",
        "视情况提供",
        "提供单位保留随时停止提供的权利",
        "经领导批准后提供",
        "须局长签字",
        "每次使用前须重新申请",
        "逐次审批",
        "再次审批后下载",
        "以数换数",
        "须提供同等数据作为交换",
        "in exchange for parking data",
        "暂不提供",
        "条件成熟时提供",
        "更新时间待定",
        "Case-by-case",
        "with the leader's approval",
    ],
)
def test_a_condition_that_obstructs_sharing_is_refused_with_the_rule(text: str) -> None:
    assert told(text)
    assert all("809" in detail for detail in told(text))


@pytest.mark.parametrize(
    "text", ["仅限本市户籍人员", "协助市领导决策", "领导批示办理情况", "已审批项目", "待定级文物", "对等待时间分析"]
)
def test_limits_and_everyday_words_obstruct_nothing(text: str) -> None:
    assert told(text) == []


def test_each_text_is_told_of_at_its_own_place() -> None:
    texts = [("/a", "按次收费"), ("/b", "停车管理"), ("/c", "一事一议，费用另计")]
    assert [fault.pointer for fault in wording_faults(texts)] == ["/a", "/c", "/c"]


BLANKS = st.text(st.sampled_from(" \t\n　\u200b"), max_size=3)


@given(st.sampled_from(["收费", "有偿", "服务费", "一事一议", "元/条"]), st.data())
def test_blanks_between_the_signs_hide_no_word(word: str, data: st.DataObject) -> None:
    assert told("".join(sign + data.draw(BLANKS) for sign in word))


@given(st.text(max_size=60))
def test_any_text_can_be_checked(text: str) -> None:
    assert all(" / " in detail for detail in told(text))
    assert empty_reason(text) is None or "S-013" in str(empty_reason(text))


@pytest.mark.parametrize("code", [each.code for each in obstructions().obstructions])
def test_every_word_of_the_list_is_found_and_every_exception_is_none(code: str) -> None:
    each = next(one for one in obstructions().obstructions if one.code == code)
    hidden = [word for word in each.words if not any(each.zh in detail for detail in told(word.replace("…", "这些")))]
    refused = [word for word in each.unless if any(each.zh in detail for detail in told(word.replace("…", "这些")))]
    assert (hidden, refused) == ([], [])


def test_each_rule_can_be_cited() -> None:
    for each in obstructions().obstructions:
        assert each.instrument in legal_instruments()
        assert each.clause is None or find_clause(each.instrument, each.clause)


@pytest.mark.parametrize(
    "text",
    [
        "涉密",
        "敏感。",
        "数据敏感、不宜公开",
        "不便提供",
        "因涉密，不便提供",
        "属于内部资料",
        "涉 密",
        "该信息涉及安全问题，请谅解",
        "依据有关规定不予提供",
        "个人隐私",
        "工作需要",
        "无",
        "略",
        "同上",
        "见附件",
        "……",
        "aaaaaaa",
        "测试测试",
        "Sensitive data, cannot be shared.",
        "It is confidential",
        "internal",
    ],
)
def test_sensitive_alone_is_no_reason(text: str) -> None:
    assert empty_reason(text)


@pytest.mark.parametrize(
    "text",
    [
        "依法不得超出法定职责范围收集、使用数据。",
        "所请求的数据项超出需求单位法定职责。",
        "该库正在迁移，10月31日前无法导出",
        "涉及未成年人犯罪记录封存",
        "防汛抢险",
        "涉及正在侦查的刑事案件",
        "the records of juveniles are sealed",
        "theft of data",
    ],
)
def test_what_says_what_the_case_is_is_a_reason(text: str) -> None:
    assert empty_reason(text) is None
