"""How answers are told: facts, tables, sentences, fonts, the report page and the overview."""
