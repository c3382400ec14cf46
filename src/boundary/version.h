// The version of this library, MAJOR.MINOR.PATCH; its first two parts are the SQL version that it was made with.
#pragma once

namespace gatehouse {

inline constexpr char kLibraryVersion[] = "0.7.0";

}  // namespace gatehouse
