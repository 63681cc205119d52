//! The columns of a staff list, and the headings under which people have them.

use crate::import::Column;

const NAME: &[&str] = &["姓名", "名字", "员工姓名", "职工姓名", "人员姓名", "name", "fullname", "staffname"];
const DOCUMENT: &[&str] = &[
    "证件号码",
    "证件号",
    "身份证号",
    "身份证号码",
    "身份证",
    "公民身份号码",
    "居民身份证号码",
    "证件",
    "documentnumber",
    "document",
    "idnumber",
    "idcard",
    "idcardnumber",
    "id",
];
const PHONE: &[&str] = &[
    "手机",
    "手机号",
    "手机号码",
    "电话",
    "电话号码",
    "联系电话",
    "联系方式",
    "phone",
    "phonenumber",
    "mobile",
    "telephone",
];
const ORIGIN: &[&str] =
    &["14天来自", "来自", "来源地", "出发地", "返回地", "wherefrom", "origin", "from", "comingfrom"];
const CERTIFICATE: &[&str] =
    &["证明编号", "证明号码", "证书编号", "复工证明编号", "健康证明编号", "certificatenumber", "certificate"];

/// The columns, in the order of the template.
pub(super) const COLUMNS: &[Column] = &[
    Column {
        label: "reopening-column-name",
        hint: "reopening-column-hint-name",
        needed: true,
        personal: true,
        example: "示例：张三",
        ..Column::new("name", NAME)
    },
    Column {
        label: "reopening-column-document",
        hint: "reopening-column-hint-document",
        needed: true,
        personal: true,
        number: true,
        example: "11010519491231002X",
        ..Column::new("document", DOCUMENT)
    },
    Column {
        label: "reopening-column-phone",
        hint: "reopening-column-hint-phone",
        personal: true,
        number: true,
        example: "13800138000",
        ..Column::new("phone", PHONE)
    },
    Column {
        label: "reopening-column-origin",
        hint: "reopening-column-hint-origin",
        personal: true,
        example: "四川省成都市",
        ..Column::new("origin", ORIGIN)
    },
    Column {
        label: "reopening-column-certificate",
        hint: "reopening-column-hint-certificate",
        number: true,
        ..Column::new("certificate", CERTIFICATE)
    },
];
