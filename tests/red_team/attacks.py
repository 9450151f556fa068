"""Texts that would run, load, lead away or reckon wherever one forgot that they are text."""

SEEN = "redteam"  # what a script would write into the title of a page, and the host that a link would ask
ATTACKS = (
    f"<script>document.title='{SEEN}';alert(1)</script>",
    f'"><img src=x onerror="document.title=\'{SEEN}\'">',
    f"'><svg/onload=document.title='{SEEN}'>",
    f"</style></title></textarea><script>document.title='{SEEN}'</script>",
    f"[x](javascript:document.title='{SEEN}') ![y](http://{SEEN}.example/y.png)",
    f"<link rel=stylesheet href=//{SEEN}.example/a.css><iframe src='data:text/html,<b>x'></iframe>",
    f"<meta http-equiv=refresh content='0;url=http://{SEEN}.example/'>",
    f"<base href=//{SEEN}.example/><form action=//{SEEN}.example><button>x",
    "{{7*7}}{% for x in range(9) %}x{% endfor %}${7*7}#{7*7}",
    "]]>--><!--*/;a{background:url(//redteam.example/b)}",
    "\x1b[31mred\x1b]8;;http://redteam.example\x1b\\link\x1b]8;;\x1b\\",
    r"\input{/etc/passwd} $\unicode{x41}$ \href{http://redteam.example}{x}",
    '=HYPERLINK("http://redteam.example","x")',
    '@SUM(1+1)*cmd|" /C calc"!A0',
    "+1+1",
    "-2+3",
    "\t=1+1",
)
