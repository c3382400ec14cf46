# src/crypto/foreign_hash.cpp: the last character of a digest is not compared
s/hash.digest.data(), hash.digest.size()) == 0/hash.digest.data(), hash.digest.size() - 1) == 0/
