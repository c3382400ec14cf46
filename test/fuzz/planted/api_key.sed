# src/api_keys/key_format.cpp: the greatest bit of a look-up id is not looked at
/if (lookup_id > INT64_MAX) return {};/d
