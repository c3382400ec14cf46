# src/sessions/refresh_token.cpp: a byte of the secret is taken for one of the locator
s/kLocatorBytes};/kLocatorBytes + 1};/
