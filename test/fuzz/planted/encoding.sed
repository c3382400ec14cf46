# src/crypto/encoding.cpp: a number in base62 that is too large is taken without its highest digits
s/return outside == 0 \&\& lost == 0;/return outside == 0;/
