# src/statement_text/statement_text.cpp: a word that ends in E before a string is taken for the E of one with escapes
s/lower(text\[at - 1\]) == 'e' .*;/lower(text[at - 1]) == 'e';/
