"""The look of a report: the light theme on A4 sheets, with the fonts that the reader has."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
*{box-sizing:border-box;margin:0;padding:0}
html{font-family:Inter,'Segoe UI','Noto Sans',sans-serif;font-size:12px;line-height:17px;color:#15191E;
background:#E9ECF0;-webkit-print-color-adjust:exact;print-color-adjust:exact;font-feature-settings:'tnum' 1}
svg{display:block}svg text{font-family:Inter,'Segoe UI','Noto Sans',sans-serif}
.sheet{width:794px;min-height:1123px;margin:24px auto;background:#fff;border:1px solid #DDE1E6;
padding:48px 52px 64px;position:relative}
.row{display:flex;align-items:center}.grow{flex:1;min-width:0}
.t2{color:#475060}.t3{color:#5D6775}.s11{font-size:11px;line-height:15px}b{font-weight:600}
h1{font-size:21px;line-height:28px;font-weight:600;margin-top:18px}
h2{font-size:15px;line-height:20px;font-weight:600;margin:22px 0 8px}p{margin:4px 0}
.badges{margin:10px 0 2px}.badge{padding:1px 6px;border-radius:4px;font-size:11px;line-height:16px;font-weight:500;
display:inline-block;white-space:nowrap;background:#E9ECF0;color:#475060}
.badge.run{background:#E8EFF9;color:#1D5BC4}.badge.ok{background:#E9F3EF;color:#0F7A4D}
.badge.warn{background:#F2EEE3;color:#8A6000}.badge.err{background:#FAEFEE;color:#C0322B}
.note{border-left:3px solid #1D5BC4;background:#E8EFF9;padding:10px 14px;border-radius:0 6px 6px 0;margin-top:10px}
.note ul{margin-left:16px}
.cards{display:flex;flex-wrap:wrap;gap:12px}.dcard{border:1px solid #DDE1E6;border-radius:8px;padding:8px 12px;
width:336px}.dcard i{display:inline-block;width:8px;height:8px;border-radius:4px;margin-right:6px}
.figure{width:336px}.figure.wide{width:690px}
.tiles{display:flex;flex-wrap:wrap;gap:12px;margin-top:12px}.tile{border:1px solid #DDE1E6;border-radius:8px;
padding:8px 12px;width:calc((100% - 24px)/3);break-inside:avoid}.big{font-size:21px;line-height:28px;font-weight:600}
.shots{display:flex;flex-wrap:wrap;gap:12px 10px}.shot{width:106px;font-size:11px;line-height:15px;break-inside:avoid;
overflow-wrap:anywhere;position:relative}.shot i{position:absolute;left:0;top:90px;background:#fff;padding:1px 5px 0 0;
border-radius:0 4px 0 0;font-style:normal}
.shot img{width:106px;height:106px;object-fit:contain;background:#F1F3F5;border-radius:6px;
display:block;margin-bottom:3px}
table{border-collapse:collapse;width:100%;margin-top:4px}
th{font-size:11px;font-weight:500;color:#475060;text-align:left;background:#F6F7F9;padding:4px 6px;
border-bottom:1px solid #BCC3CC}td{padding:4px 6px;border-bottom:1px solid #DDE1E6;vertical-align:middle}
td.n,th.n{text-align:right}
code,pre{font-family:'JetBrains Mono','Cascadia Mono',Consolas,'Noto Sans Mono',monospace}
pre{line-height:19px;background:#F6F7F9;border:1px solid #DDE1E6;border-radius:6px;padding:10px 14px;
white-space:pre-wrap}pre span{white-space:nowrap}
.foot{position:absolute;left:52px;right:52px;bottom:24px;display:flex;font-size:11px;color:#5D6775;
border-top:1px solid #DDE1E6;padding-top:8px}
@page{size:A4;margin:0}
tr,.figure,.dcard{break-inside:avoid}h2{break-after:avoid}
@media print{html{background:#fff}.sheet{width:auto;margin:0;border:0;break-after:page;min-height:296.5mm;
-webkit-box-decoration-break:clone;box-decoration-break:clone}.sheet:last-child{break-after:auto}}
@media screen and (max-width:794px){.sheet{width:auto;padding:24px 16px 64px}.foot{left:16px;right:16px}
svg{max-width:100%;height:auto}.figure,.figure.wide{width:100%}}
"""
"""Styles of the file; nothing in them is fetched."""
