// A state is written in parts. A part is a list of items of one kind. Each projection names its own
// parts once, in parts(), and makes in rebuild() what follows from them: indexes, queues, counts.
//
// A part tells how many items it has (size), makes room for one more while a state is read (grow),
// and shows one item to an archive, which writes it or reads it (visit).

#pragma once

#include "eventlog/base/result.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace slipway {

inline constexpr std::uint32_t kPartItemsMax = 0xFFFFFFFF;

// The items of a vector or a deque.
template <class List>
struct ListPart {
    static constexpr std::uint32_t kItemsMax = kPartItemsMax;

    List& list;

    std::size_t size() const { return list.size(); }
    void grow() { list.emplace_back(); }
    template <class Archive>
    void visit(Archive& archive, std::size_t item) {
        archive(list[item]);
    }
};
template <class List>
ListPart(List&) -> ListPart<List>;

// One value that is always there.
template <class Value>
struct ValuePart {
    static constexpr std::uint32_t kItemsMax = 1;

    Value& value;

    std::size_t size() const { return 1; }
    void grow() {}
    template <class Archive>
    void visit(Archive& archive, std::size_t) {
        archive(value);
    }
};
template <class Value>
ValuePart(Value&) -> ValuePart<Value>;

// What rebuild() refuses: parts that do not fit together.
inline Error unfit(const std::string& what) {
    return Error{ErrorCode::corruption, "state: " + what};
}

}  // namespace slipway
