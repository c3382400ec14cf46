# src/boundary/error_table.cpp: room for the NUL is forgotten
s/const std::size_t room = into.size() - 1 - at;/const std::size_t room = into.size() - at;/
