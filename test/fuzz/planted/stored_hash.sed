# src/crypto/hash_reader.h: a number may have leading zeros
s/ || (size > 1 \&\& rest_.front() == '0')//
