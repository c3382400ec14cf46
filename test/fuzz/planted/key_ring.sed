# src/crypto/key_ring.cpp: a key may be there twice
s/ || ring.find(id) != nullptr//
