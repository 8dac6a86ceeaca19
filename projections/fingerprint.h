// A fingerprint tells whether two states are the same without comparing them. Each object is hashed
// by itself (SHA-256 over its fields) and the digests are summed, so that the order in which
// objects lie in memory does not count; what they say does.

#pragma once

#include "eventlog/base/describe.h"
#include "eventlog/base/digest.h"
#include "eventlog/base/id.h"
#include "eventlog/base/strong.h"
#include "projections/number_of.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace slipway {

class Fingerprint {
  public:
    // Adds one object: its kind, and values that tell everything about it.
    template <class... Values>
    void add(std::string_view kind, const Values&... values) {
        bytes_.assign(kind);
        (put(values), ...);
        sum(sha256(bytes_));
    }

    // As above, of a struct with numbers: each is replaced by what `value_of(number)` says that it
    // stands for.
    template <class T, class ValueOf>
    void add_resolved(std::string_view kind, const T& value, const ValueOf& value_of) {
        bytes_.assign(kind);
        for_each_field(value, [&](std::string_view, const auto& field) {
            this->put_resolved(field, value_of);
        });
        sum(sha256(bytes_));
    }

    std::string text() const;

  private:
    void sum(const Digest& digest);
    void put_number(std::uint64_t value);

    template <class T, class ValueOf>
    void put_resolved(const NumberOf<T>& number, const ValueOf& value_of) {
        put(value_of(number));
    }
    template <class Field, class ValueOf>
    void put_resolved(const Field& field, const ValueOf&) {
        put(field);
    }
    // What it stands for is to be told: see add_resolved().
    template <class T>
    void put(const NumberOf<T>& number) = delete;

    void put(const std::string& value) {
        put_number(value.size());
        bytes_ += value;
    }
    void put(const Uuid& value) {
        put_number(value.high);
        put_number(value.low);
    }
    template <class Tag>
    void put(const Id<Tag>& value) {
        put(value.uuid);
    }
    template <class Tag, class T>
    void put(const Strong<Tag, T>& value) {
        put_number(value.value);
    }
    template <class Rep, class Period>
    void put(const std::chrono::duration<Rep, Period>& value) {
        put_number(static_cast<std::uint64_t>(value.count()));
    }
    template <class C, class D>
    void put(const std::chrono::time_point<C, D>& value) {
        put(value.time_since_epoch());
    }
    template <class T>
    requires(std::is_integral_v<T> || std::is_enum_v<T>) void put(T value) {
        put_number(static_cast<std::uint64_t>(value));
    }
    template <class T>
    void put(const std::optional<T>& value) {
        put_number(value ? 1 : 0);
        if (value) put(*value);
    }
    template <class T>
    void put(const std::vector<T>& values) {
        put_number(values.size());
        for (const auto& value : values) put(value);
    }
    template <class K, class V>
    void put(const std::map<K, V>& values) {
        put_number(values.size());
        for (const auto& [key, value] : values) {
            put(key);
            put(value);
        }
    }
    template <Described T>
    void put(const T& value) {
        for_each_field(value, [this](std::string_view, const auto& field) { this->put(field); });
    }

    std::string bytes_;
    std::array<std::uint64_t, 4> sum_{};
};

}  // namespace slipway
