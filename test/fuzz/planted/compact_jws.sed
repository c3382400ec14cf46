# src/sessions/compact_jws.cpp: the payload is not looked at
s/ || !is_base64url(result.payload)//
