// The functions of ours that take a secret, in every SQL version: the one list by which statements are told that must not be
// kept as they are. Core.
#pragma once

#include <string_view>

namespace gatehouse::statement_text {

// In alphabetical order, in lower case.
inline constexpr std::string_view kSecretFunctions[] = {
    "attempt_login",
    "authenticate_user",
    "blocked_password_digest",
    "bootstrap_superuser",
    "change_password",
    "check_api_key",
    "check_new_password",
    "check_password_policy",
    "confirm_account_deletion",
    "confirm_email_change",
    "create_user",
    "create_users",
    "find_one_time_token",
    "get_refresh_token_by_hash",
    "get_user_sessions",
    "hash_password",
    "load_blocked_passwords",
    "locate_refresh_token",
    "make_successor",
    "match_api_key",
    "needs_rehash",
    "password_fault",
    "password_policy_fault",
    "refresh_session",
    "refresh_token_matches",
    "rehash",
    "replace_password",
    "reset_password",
    "revoke_refresh_token",
    "rotate_session",
    "set_password",
    "sign_in_with_access_token",
    "sign_in_with_api_key",
    "sign_in_with_session",
    "store_password",
    "stored_hash_fault",
    "token_digest",
    "use_one_time_token",
    "verify_access_token",
    "verify_api_key",
    "verify_email",
    "verify_login",
    "verify_password",
    "verify_refresh_token",
};

}  // namespace gatehouse::statement_text
