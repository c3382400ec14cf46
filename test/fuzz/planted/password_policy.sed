# src/accounts/password_policy.cpp: an occurrence of a name that overlaps another is not looked for
s/    ++from;/    from += static_cast<std::ptrdiff_t>(name.size());/
