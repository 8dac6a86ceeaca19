// A described struct as a FlatBuffers table: the field in place N of the description has the schema
// id N. Only codec.cpp includes it.
//
// Table<T> writes, verifies and reads; Slot<F> is one field of type F in a table. A field's type
// needs a Slot, and everything else follows from the description of its struct.
//
// Threads: no state; a Builder is one thread's. Errors: `verify` and `read` are false for bytes
// that are no such thing. Requires: bytes are verified before they are read, and lie at an address
// that is a multiple of 8.

#pragma once

#include "eventlog/base/described_whole.h"
#include "eventlog/base/id.h"
#include "eventlog/base/strong.h"
#include "eventlog/base/time.h"
#include "eventlog/events/app_events.h"
#include "eventlog/events/field_rules.h"
#include "eventlog/events/vocabulary.h"

#include <flatbuffers/flatbuffers.h>

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace slipway {

namespace codec {

using flatbuffers::Offset;
using AnyOffset = Offset<void>;
using flatbuffers::Verifier;
using flatbuffers::voffset_t;
using Builder = flatbuffers::FlatBufferBuilder;
using Bytes = flatbuffers::Table;

// Where the offset of the field with that schema id stands in a vtable, behind two sizes.
constexpr voffset_t slot_of(std::size_t id) {
    return static_cast<voffset_t>((id + 2) * sizeof(voffset_t));
}

// A uuid lies in a table as it lies in memory: high, then low, little-endian.
static_assert(std::endian::native == std::endian::little);
static_assert(std::is_trivially_copyable_v<Uuid> && sizeof(Uuid) == 16 && alignof(Uuid) == 8);

// ---- Numbers: what a value is in bytes, and back.

inline std::uint32_t number_of(std::uint32_t value) {
    return value;
}
inline std::uint8_t number_of(bool value) {
    return value ? 1 : 0;
}
inline std::uint32_t number_of(Version value) {
    return value.value;
}
inline std::int64_t number_of(Instant value) {
    return value.time_since_epoch().count();
}
inline std::int64_t number_of(LocalTime value) {
    return value.time_since_epoch().count();
}
inline std::int64_t number_of(Millis value) {
    return value.count();
}
inline std::int32_t number_of(Seconds value) {
    return static_cast<std::int32_t>(value.count());
}
template <class Enum>
requires std::is_enum_v<Enum>
inline std::uint8_t number_of(Enum value) {
    return static_cast<std::uint8_t>(value);
}

template <class T>
using NumberOf = decltype(number_of(std::declval<const T&>()));
template <class T>
concept IsNumber = requires(const T& value) {
    number_of(value);
};

// Only bytes that are not ours hold a time outside of these, which sums of times cannot overflow
// and calendars can show: wider than the years that are scheduled and every limit added to them.
inline constexpr Millis kSinceEpochMin = date::sys_days{date::year{0} / 1 / 1}.time_since_epoch();
inline constexpr Millis kSinceEpochMax =
    date::sys_days{date::year{20'000} / 1 / 1}.time_since_epoch();

inline bool assign(std::uint32_t number, std::uint32_t& to) {
    to = number;
    return true;
}
inline bool assign(std::uint8_t number, bool& to) {
    to = number != 0;
    return true;
}
inline bool assign(std::uint32_t number, Version& to) {
    to = Version{number};
    return true;
}
inline bool assign(std::int64_t number, Millis& to) {
    to = Millis{number};
    return kSinceEpochMin <= to && to <= kSinceEpochMax;
}
inline bool assign(std::int64_t number, Instant& to) {
    to = Instant{Millis{number}};
    return kSinceEpochMin <= Millis{number} && Millis{number} <= kSinceEpochMax;
}
inline bool assign(std::int64_t number, LocalTime& to) {
    to = LocalTime{Seconds{number}};
    return std::chrono::ceil<Seconds>(kSinceEpochMin) <= Seconds{number} &&
           Seconds{number} <= std::chrono::floor<Seconds>(kSinceEpochMax);
}
inline bool assign(std::int32_t number, Seconds& to) {
    to = Seconds{number};
    return true;
}
template <class Enum>
requires std::is_enum_v<Enum>
inline bool assign(std::uint8_t number, Enum& to) {
    to = static_cast<Enum>(number);
    return is_known<Enum>(number);
}

// ---- Fields

// How wide a field is in its table: the order of kHasWideFieldsFirst.
enum class Width : std::uint8_t { eight_bytes, id, offset, four_bytes, one_byte };
inline constexpr std::size_t kWidths = 5;

// A field of type T in a table:
//   kWidth
//   create   writes what lies outside of the table; null if nothing does. Text and lists that are
//            empty are not written unless they are required.
//   add      writes the field itself; a number only if it is not `otherwise`
//   verify   whether the bytes can be read as such a field
//   read     requires: `to` is as its struct makes it by default, and keeps that where the field is
//            absent
template <class T>
struct Slot;

template <Described T>
class Table;

template <IsNumber T>
struct Slot<T> {
    using Number = NumberOf<T>;
    static constexpr Width kWidth = sizeof(Number) == 8   ? Width::eight_bytes
                                    : sizeof(Number) == 4 ? Width::four_bytes
                                                          : Width::one_byte;

    static AnyOffset create(Builder&, const T&, bool) { return {}; }
    static void add(Builder& to, voffset_t slot, const T& from, const T& otherwise, AnyOffset) {
        to.AddElement<Number>(slot, number_of(from), number_of(otherwise));
    }
    static bool verify(const Bytes& in, Verifier& verifier, voffset_t slot, bool) {
        return in.VerifyField<Number>(verifier, slot, sizeof(Number));
    }
    static bool read(const Bytes& in, voffset_t slot, T& to) {
        return assign(in.GetField<Number>(slot, number_of(to)), to);
    }
};

template <IsNumber T>
struct Slot<std::optional<T>> : Slot<T> {
    using Number = NumberOf<T>;

    static AnyOffset create(Builder&, const std::optional<T>&, bool) { return {}; }
    static void add(Builder& to, voffset_t slot, const std::optional<T>& from,
                    const std::optional<T>&, AnyOffset) {
        if (from) to.AddElement<Number>(slot, number_of(*from));
    }
    static bool read(const Bytes& in, voffset_t slot, std::optional<T>& to) {
        return !in.CheckField(slot) || Slot<T>::read(in, slot, to.emplace());
    }
};

template <class Tag>
struct Slot<Id<Tag>> {
    static constexpr Width kWidth = Width::id;

    static AnyOffset create(Builder&, const Id<Tag>&, bool) { return {}; }
    static void add(Builder& to, voffset_t slot, const Id<Tag>& from, const Id<Tag>&, AnyOffset) {
        to.AddStruct(slot, &from.uuid);
    }
    static bool verify(const Bytes& in, Verifier& verifier, voffset_t slot, bool) {
        return in.VerifyFieldRequired<Uuid>(verifier, slot, alignof(Uuid));
    }
    static bool read(const Bytes& in, voffset_t slot, Id<Tag>& to) {
        to.uuid = *in.GetStruct<const Uuid*>(slot);
        return true;
    }
};

template <class Tag>
struct Slot<std::optional<Id<Tag>>> {
    static constexpr Width kWidth = Width::id;

    static AnyOffset create(Builder&, const std::optional<Id<Tag>>&, bool) { return {}; }
    static void add(Builder& to, voffset_t slot, const std::optional<Id<Tag>>& from,
                    const std::optional<Id<Tag>>&, AnyOffset) {
        if (from) to.AddStruct(slot, &from->uuid);
    }
    static bool verify(const Bytes& in, Verifier& verifier, voffset_t slot, bool) {
        return in.VerifyField<Uuid>(verifier, slot, alignof(Uuid));
    }
    static bool read(const Bytes& in, voffset_t slot, std::optional<Id<Tag>>& to) {
        if (const auto* const uuid = in.GetStruct<const Uuid*>(slot)) to = Id<Tag>{*uuid};
        return true;
    }
};

// A value that lies outside of its table: the table holds an offset.
template <class T>
struct OutsideSlot {
    static constexpr Width kWidth = Width::offset;

    static void add(Builder& to, voffset_t slot, const T&, const T&, AnyOffset outside) {
        if (!outside.IsNull()) to.AddOffset(slot, outside);
    }
    // Follows the offset, to what `check` then judges, only once it is verified.
    template <class Outside, class Check>
    static bool verify_outside(const Bytes& in, Verifier& verifier, voffset_t slot,
                               bool is_required, const Check& check) {
        const bool is_offset =
            is_required ? in.VerifyOffsetRequired(verifier, slot) : in.VerifyOffset(verifier, slot);
        return is_offset && check(in.GetPointer<const Outside*>(slot));
    }
};

template <>
struct Slot<std::string> : OutsideSlot<std::string> {
    static AnyOffset create(Builder& to, const std::string& from, bool is_required) {
        if (from.empty() && !is_required) return {};
        return to.CreateString(from.data(), from.size()).Union();
    }
    static bool verify(const Bytes& in, Verifier& verifier, voffset_t slot, bool is_required) {
        return verify_outside<flatbuffers::String>(
            in, verifier, slot, is_required,
            [&](const auto* text) { return verifier.VerifyString(text); });
    }
    static bool read(const Bytes& in, voffset_t slot, std::string& to) {
        const auto* const text = in.GetPointer<const flatbuffers::String*>(slot);
        if (text != nullptr) to.assign(text->c_str(), text->size());
        return true;
    }
};

template <>
struct Slot<std::vector<std::uint32_t>> : OutsideSlot<std::vector<std::uint32_t>> {
    using Numbers = flatbuffers::Vector<std::uint32_t>;

    static AnyOffset create(Builder& to, const std::vector<std::uint32_t>& from, bool) {
        if (from.empty()) return {};
        return to.CreateVector(from).Union();
    }
    static bool verify(const Bytes& in, Verifier& verifier, voffset_t slot, bool is_required) {
        return verify_outside<Numbers>(in, verifier, slot, is_required, [&](const auto* numbers) {
            return verifier.VerifyVector(numbers);
        });
    }
    static bool read(const Bytes& in, voffset_t slot, std::vector<std::uint32_t>& to) {
        if (const auto* const numbers = in.GetPointer<const Numbers*>(slot)) {
            to.assign(numbers->begin(), numbers->end());
        }
        return true;
    }
};

template <class T, class Element>
struct TablesSlot : OutsideSlot<T> {
    using Tables = flatbuffers::Vector<Offset<Table<Element>>>;

    static bool verify(const Bytes& in, Verifier& verifier, voffset_t slot, bool is_required) {
        return OutsideSlot<T>::template verify_outside<Tables>(
            in, verifier, slot, is_required, [&](const auto* tables) {
                return verifier.VerifyVector(tables) && verifier.VerifyVectorOfTables(tables);
            });
    }
};

template <Described T>
struct Slot<std::vector<T>> : TablesSlot<std::vector<T>, T> {
    using typename TablesSlot<std::vector<T>, T>::Tables;

    static AnyOffset create(Builder& to, const std::vector<T>& from, bool) {
        if (from.empty()) return {};
        std::vector<Offset<Table<T>>> tables;
        tables.reserve(from.size());
        for (const T& element : from) tables.push_back(Table<T>::write(to, element));
        return to.CreateVector(tables).Union();
    }
    static bool read(const Bytes& in, voffset_t slot, std::vector<T>& to) {
        const auto* const tables = in.GetPointer<const Tables*>(slot);
        if (tables == nullptr) return true;
        for (const auto* const table : *tables) {
            if (!table->read(to.emplace_back())) return false;
        }
        return true;
    }
};

// One entry of a map of texts. A map is a list of them, by name.
struct Label {
    std::string name;
    std::string value;
};
BOOST_DESCRIBE_STRUCT(Label, (), (name, value))

}  // namespace codec

template <>
inline constexpr bool kIsRequired<&codec::Label::name> = true;

namespace codec {

template <>
struct Slot<Labels> : TablesSlot<Labels, Label> {
    static AnyOffset create(Builder& to, const Labels& from, bool) {
        if (from.empty()) return {};
        std::vector<Offset<Table<Label>>> tables;
        tables.reserve(from.size());
        for (const auto& [name, value] : from) tables.push_back(write(to, name, value));
        return to.CreateVector(tables).Union();
    }
    static bool read(const Bytes& in, voffset_t slot, Labels& to);

  private:
    // Table<Label>::write, without a copy of the texts.
    static Offset<Table<Label>> write(Builder& to, const std::string& name,
                                      const std::string& value) {
        const auto name_at = Slot<std::string>::create(to, name, true);
        const auto value_at = Slot<std::string>::create(to, value, false);
        const auto start = to.StartTable();
        to.AddOffset(slot_of(0), name_at);
        to.AddOffset(slot_of(1), value_at);
        return Offset<Table<Label>>{to.EndTable(start)};
    }
};

template <Described T>
struct Slot<T> : OutsideSlot<T> {
    static AnyOffset create(Builder& to, const T& from, bool) {
        if constexpr (kIsAbsentByDefault<T>) {
            if (from == T{}) return {};
        }
        return Table<T>::write(to, from).Union();
    }
    static bool verify(const Bytes& in, Verifier& verifier, voffset_t slot, bool) {
        return OutsideSlot<T>::template verify_outside<Table<T>>(
            in, verifier, slot, !kIsAbsentByDefault<T>,
            [&](const auto* table) { return verifier.VerifyTable(table); });
    }
    static bool read(const Bytes& in, voffset_t slot, T& to) {
        const auto* const table = in.GetPointer<const Table<T>*>(slot);
        return table == nullptr || table->read(to);
    }
};

// ---- Tables

// Calls `visit` with the schema id of each field of T and its descriptor, and stops at the first
// false.
template <Described T, class Visit>
constexpr bool all_fields(Visit&& visit) {
    return [&]<template <class...> class List, class... Field>(List<Field...>) {
        return [&]<std::size_t... Id>(std::index_sequence<Id...>) {
            return (visit.template operator()<Id, Field>() && ...);
        }
        (std::index_sequence_for<Field...>{});
    }(FieldsOf<T>{});
}

template <Described T, class Field>
using SlotIn = Slot<std::remove_cvref_t<decltype(std::declval<T&>().*Field::pointer)>>;

template <Described T>
class Table : private flatbuffers::Table {
    static_assert(kIsWhollyDescribed<T>, "BOOST_DESCRIBE_STRUCT leaves out a field");

  public:
    static Offset<Table> write(Builder& to, const T& from) {
        std::array<AnyOffset, boost::mp11::mp_size<FieldsOf<T>>::value> outside;
        all_fields<T>([&]<std::size_t Id, class Field>() {
            outside[Id] = create<Field>(to, from);
            return true;
        });
        [[maybe_unused]] const T& otherwise = defaults();
        const auto start = to.StartTable();
        const auto add_if = [&](auto&& is_wanted) {
            all_fields<T>([&]<std::size_t Id, class Field>() {
                if (is_wanted(SlotIn<T, Field>::kWidth)) {
                    SlotIn<T, Field>::add(to, slot_of(Id), from.*Field::pointer,
                                          otherwise.*Field::pointer, outside[Id]);
                }
                return true;
            });
        };
        if constexpr (kHasWideFieldsFirst<T>) {
            for (std::size_t i = 0; i < kWidths; ++i) {
                add_if([i](Width width) { return width == static_cast<Width>(i); });
            }
        } else {
            add_if([](Width) { return true; });
        }
        return Offset<Table>{to.EndTable(start)};
    }

    // NOLINTNEXTLINE(readability-identifier-naming): FlatBuffers' verifier calls it so.
    bool Verify(Verifier& verifier) const {
        return VerifyTableStart(verifier) && all_fields<T>([&]<std::size_t Id, class Field>() {
                   return SlotIn<T, Field>::verify(*this, verifier, slot_of(Id),
                                                   kIsRequired<Field::pointer>);
               }) &&
               verifier.EndTable();
    }

    // Requires: `to` is T{}.
    bool read(T& to) const {
        const bool is_good = all_fields<T>([&]<std::size_t Id, class Field>() {
            return SlotIn<T, Field>::read(*this, slot_of(Id), to.*Field::pointer);
        });
        all_fields<T>([&]<std::size_t Id, class Field>() {
            constexpr auto kOther = kSameAs<Field::pointer>;
            if constexpr (kOther != nullptr) {
                if (!CheckField(slot_of(Id))) to.*Field::pointer = to.*kOther;
            }
            return true;
        });
        return is_good;
    }

  private:
    static const T& defaults() {
        static const T kDefaults{};
        return kDefaults;
    }

    template <class Field>
    static AnyOffset create(Builder& to, const T& from) {
        constexpr auto kOther = kSameAs<Field::pointer>;
        bool is_required = kIsRequired<Field::pointer>;
        if constexpr (kOther != nullptr) {
            if (from.*Field::pointer == from.*kOther) return {};
            is_required = true;
        }
        return SlotIn<T, Field>::create(to, from.*Field::pointer, is_required);
    }
};

inline bool Slot<Labels>::read(const Bytes& in, voffset_t slot, Labels& to) {
    const auto* const tables = in.GetPointer<const Tables*>(slot);
    if (tables == nullptr) return true;
    for (const auto* const table : *tables) {
        Label label;
        table->read(label);
        if (!to.emplace(std::move(label.name), std::move(label.value)).second) return false;
    }
    return true;
}

}  // namespace codec

}  // namespace slipway
