"""How `clv.orders` reads an export: text → our columns → values → one row per order, nothing uncounted."""
