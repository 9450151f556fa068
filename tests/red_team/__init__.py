"""Shops whose every text column holds somebody's name, phone, address …, and a search for what got out."""
