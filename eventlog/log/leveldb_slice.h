// LevelDB's own view of bytes, and ours: neither copies, both borrow.

#pragma once

#include <leveldb/slice.h>

#include <string_view>

namespace slipway {

inline leveldb::Slice slice(std::string_view text) {
    return {text.data(), text.size()};
}
inline std::string_view view(const leveldb::Slice& text) {
    return {text.data(), text.size()};
}

}  // namespace slipway
