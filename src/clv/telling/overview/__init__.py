"""The pages over the reports: `page`, shops × notebooks × months; `shop_page`; and what they show."""
