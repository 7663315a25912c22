//! The pages' own words, in both languages; none of them is a medical statement.

use crate::text::Lang;
use crate::time::Date;

macro_rules! words {
    ($($name:ident: $en:literal, $zh:literal;)*) => {
        /// The words around the articles.
        pub(super) struct Words { $(pub(super) $name: &'static str,)* }
        static EN: Words = Words { $($name: $en,)* };
        static ZH: Words = Words { $($name: $zh,)* };
    };
}

words! {
    site: "Medicine information", "药品信息";
    skip: "Skip to the text", "跳到正文";
    home: "All medicines", "全部药品";
    other_language: "中文", "English";
    crumbs: "You are here", "当前位置";
    search: "Search", "搜索";
    search_label: "Search all articles", "搜索全部文章";
    search_title: "Search", "搜索";
    search_hint: "The name of a medicine and one topic find most, for example: besponsa side effects.", "输入药品名称加一个主题最容易找到，例如：奥加伊妥珠单抗 副作用。";
    results_for: "Passages for", "检索结果：";
    nothing: "No passage of our articles holds these words. That does not mean that something is safe or unsafe: it only means that we have nothing to show. Try the name of the medicine and one topic. A pharmacist or the treating team can answer what we cannot.", "我们的文章中没有包含这些词的段落。这既不表示安全，也不表示不安全，只说明我们没有可以显示的内容。请尝试输入药品名称加一个主题；我们无法回答的问题，药师或治疗团队可以解答。";
    missing: "Not in any passage shown below:", "以下段落中均未出现：";
    categories: "Categories", "分类";
    new_drugs: "New medicines", "新药";
    drugs_a_z: "Medicines A to Z", "药品索引";
    services: "Services", "服务";
    general: "About this site", "关于本站";
    is_new: "New", "新";
    medicines: "medicines", "种药品";
    brands: "Brand names", "商品名";
    other_names: "Other names", "其他名称";
    class: "Class", "类别";
    topics: "Articles about this medicine", "关于此药的文章";
    other_sources: "Other sources", "其他来源";
    sources: "Sources", "来源";
    boxed: "Boxed warning in the US label", "美国说明书的黑框警告";
    boxed_more: "Read the precautions", "阅读注意事项";
    contents: "On this page", "本页内容";
    link_to: "Link to this section:", "本节链接：";
    source: "Source", "来源";
    source_page: "Source page", "来源网页";
    published: "Published", "发布";
    reviewed: "Checked against the source", "与来源核对";
    review_by: "Due for review", "应复核日期";
    markets: "Applies to", "适用于";
    everywhere: "all markets", "所有市场";
    audience: "Written for", "读者对象";
    professional: "health professionals", "医务人员";
    public: "everyone", "公众";
    version: "Version", "版本";
    label: "Written from label", "所依据的说明书";
    overdue: "This article is past its review date and may be out of date.", "本文已过复核日期，内容可能已经过时。";
    overdue_mark: "past its review date", "已过复核日期";
    only_other: "This article is not available in English yet.", "此文章暂无中文版，以下为英文原文。";
    notes: "Please note", "请注意";
    related: "Related articles", "相关文章";
    table: "Table", "表格";
    not_found: "This page does not exist.", "此页不存在。";
    gone: "This article was taken back by its editors and is no longer shown.", "本文已由编辑撤回，不再显示。";
    unavailable: "The articles cannot be read just now. Please try again in a moment.", "暂时无法读取文章，请稍后再试。";
    ask: "Ask about a medicine in the chat", "在对话中咨询用药";
    call: "Call", "拨打";
    antitumor: "Cancer medicines", "抗肿瘤药";
    general_drugs: "General medicines", "普通药品";
    antiviral: "Antivirals", "抗病毒药";
    biological: "Biologicals", "生物制剂";
}

/// Returns the words of a language.
pub(super) fn of(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &EN,
        Lang::Zh => &ZH,
    }
}

/// Returns the language's tag in HTML.
pub(super) fn tag(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Zh => "zh-Hans",
    }
}

/// Returns the other language.
pub(super) fn other(lang: Lang) -> Lang {
    match lang {
        Lang::En => Lang::Zh,
        Lang::Zh => Lang::En,
    }
}

/// Returns a day as people write it: `22 November 2026`, `2026年11月22日`.
pub(super) fn day(date: Date, lang: Lang) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let (year, month, day) = (date.year(), date.month(), date.day());
    match lang {
        Lang::En => {
            let name = usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at));
            format!("{day} {} {year}", name.unwrap_or(&""))
        }
        Lang::Zh => format!("{year}年{month}月{day}日"),
    }
}
