// What a client can read, as its header Accept says (RFC 9110, section 12.5.1):
//
//   application/json, text/*;q=0.5, */*;q=0
//
// Of the ranges that a media type is in, the one that says most of it decides.

#pragma once

#include <string_view>

namespace slipway {

// Whether `accept` lets an answer be of `media`, a type without parameters. What cannot be read
// says nothing, as if it were not there: Java's own client has sent "*; q=.2, */*; q=.2" for
// decades, and nobody may be refused for a preference.
bool accepts(std::string_view accept, std::string_view media);

}  // namespace slipway
