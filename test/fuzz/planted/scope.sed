# src/api_keys/scope.cpp: a wildcard is taken for one of text
s/held.remove_suffix(1);/held.remove_suffix(2);/
