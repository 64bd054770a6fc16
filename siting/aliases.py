"""Other names of the columns of a layer, Chinese and English, by which they are recognised.

Only names that fix the meaning and the unit stand here: 人口 is persons, 人口(万人) is not, 长度(km) is
kilometres, 长度 alone is nothing. ``voltage`` is left out because OpenStreetMap's is in volts.
"""

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_NAME = ("name",)  # Chinese or English: the cells tell

ALIASES: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = MappingProxyType(
    {
        "id": (
            ("编号", "編號", "编码", "編碼", "代码", "代碼"),
            ("osm_id",),  # Geofabrik's shapefiles have a code beside it, that of the class
            ("code",),
            ("fid", "objectid", "gid", "序号", "序號"),
        ),
        "name_zh": (("名称", "名稱", "中文名", "中文名称", "name:zh", "name_cn", "站名", "地名"), _NAME),
        "name_en": (("英文名", "英文名称", "name:en", "name_eng", "english_name"), _NAME),
        "lon": (
            ("lng", "long", "longitude", "经度", "經度", "东经"),
            ("x", "x_coord", "point_x", "easting", "横坐标", "东坐标"),
        ),
        "lat": (
            ("latitude", "纬度", "緯度", "北纬"),
            ("y", "y_coord", "point_y", "northing", "纵坐标", "北坐标"),
        ),
        "wkt": (("wkt_geom", "geom_wkt"), ("geometry", "几何")),
        "population": (
            ("pop", "人口", "人口数", "人口(人)", "人口数(人)", "常住人口", "总人口", "total_population"),
        ),
        "type": (("类型", "類型", "类别", "類別"),),
        "kind": (("类型", "類型", "类别", "類別"),),
        "district": (("区县", "區縣", "行政区", "行政區", "所属区", "county"),),
        "from_id": (("from_node", "fnode", "起点编号", "起点"), ("u",)),
        "to_id": (("to_node", "tnode", "终点编号", "终点"), ("v",)),
        "highway": (("fclass",),),
        "length_km": (("长度(km)", "长度(公里)", "里程(km)", "里程(公里)"),),
        "land_m2": (("面积(m2)", "面积(平方米)", "用地面积(m2)", "用地面积(平方米)"),),
        "voltage_kv": (("电压", "電壓", "电压等级", "电压(kV)", "电压等级(kV)"),),
        "capacity": (("容量",),),
        "unit": (("单位", "單位"),),
        "status": (("状态", "狀態"),),
        "port_area": (("港区", "港區"),),
        "cargo": (("货种", "货类"),),
        "berths": (("泊位数",),),
        "calls_per_year": (("年靠泊艘次",),),
        "value": (("数值", "指标值"),),
        "source": (("来源", "來源", "数据来源", "资料来源"),),
        "note": (("备注", "備註", "说明", "remark", "remarks"),),
    }
)  # fmt: skip
"""For a column its other names, in groups; a name of a later group counts only without the earlier."""


def fold(name: str) -> str:
    """Return a column's name without case, width, spaces and signs.

    Examples
    --------
    >>> fold("人口（人）") == fold("人口(人)")
    True
    >>> fold("Name_ZH")
    'namezh'
    """
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())
