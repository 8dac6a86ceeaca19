// Values as bytes, both ways by one description: a struct is described once, by
// BOOST_DESCRIBE_STRUCT, and a writer and a reader visit its fields. Numbers are little-endian and
// of a fixed size.
//
// The reader is total: what does not fit, of whatever length, makes it fail, and then all that it
// reads is empty. The same value always has the same bytes, and no others are read as it.

#pragma once

#include "eventlog/base/described_whole.h"
#include "eventlog/base/digest.h"
#include "eventlog/base/id.h"
#include "eventlog/base/strong.h"
#include "eventlog/base/time.h"
#include "projections/number_of.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace slipway {

static_assert(std::endian::native == std::endian::little, "archives are written as numbers lie");

// What a time in a state may be: no arithmetic of a few years overflows.
template <class Rep>
constexpr bool is_plausible_time(Rep count) {
    constexpr Rep kMax = Rep{1} << 53;
    return count == std::numeric_limits<Rep>::max() || (count >= -kMax && count <= kMax);
}

class ArchiveWriter {
  public:
    explicit ArchiveWriter(std::string& out) : out_(out) {}

    template <class... Values>
    void operator()(const Values&... values) {
        (put(values), ...);
    }

  private:
    template <class T>
    requires(std::is_integral_v<T> || std::is_enum_v<T>) void put(T value) {
        out_.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    void put(const std::string& value) {
        put(static_cast<std::uint32_t>(value.size()));
        out_ += value;
    }
    void put(const Digest& value) { out_ += bytes_of(value); }
    void put(const Uuid& value) {
        put(value.high);
        put(value.low);
    }
    template <class Tag>
    void put(const Id<Tag>& value) {
        put(value.uuid);
    }
    template <class Tag, class T>
    void put(const Strong<Tag, T>& value) {
        put(value.value);
    }
    template <class T>
    void put(const NumberOf<T>& value) {
        put(value.number);
    }
    template <class C, class D>
    void put(const std::chrono::time_point<C, D>& value) {
        put(value.time_since_epoch().count());
    }
    template <class T>
    void put(const std::optional<T>& value) {
        put(value.has_value());
        if (value) put(*value);
    }
    template <class T>
    void put(const std::vector<T>& values) {
        put(static_cast<std::uint32_t>(values.size()));
        for (const T& value : values) put(value);
    }
    template <class K, class V>
    void put(const std::map<K, V>& values) {
        put(static_cast<std::uint32_t>(values.size()));
        for (const auto& [key, value] : values) (*this)(key, value);
    }
    template <Described T>
    void put(const T& value) {
        static_assert(kIsWhollyDescribed<T>);
        for_each_field(value, [this](std::string_view, const auto& field) { this->put(field); });
    }

    std::string& out_;
};

class ArchiveReader {
  public:
    explicit ArchiveReader(std::string_view bytes) : left_(bytes) {}

    template <class... Values>
    void operator()(Values&... values) {
        (get(values), ...);
    }

    bool has_failed() const { return has_failed_; }
    bool is_at_end() const { return left_.empty(); }
    void fail() {
        has_failed_ = true;
        left_ = {};
    }

  private:
    std::string_view take(std::size_t count) {
        if (count > left_.size()) {
            fail();
            return {};
        }
        const auto taken = left_.substr(0, count);
        left_.remove_prefix(count);
        return taken;
    }
    // Of elements, each of which has a byte at least.
    std::uint32_t take_count() {
        std::uint32_t count = 0;
        get(count);
        if (count > left_.size()) fail();
        return has_failed_ ? 0 : count;
    }

    template <class T>
    requires(std::is_integral_v<T>) void get(T& value) {
        const auto bytes = take(sizeof value);
        if (bytes.empty()) {
            value = T{};
        } else if constexpr (std::is_same_v<T, bool>) {
            value = bytes[0] == 1;
            if (bytes[0] != 0 && bytes[0] != 1) fail();
        } else {
            std::memcpy(&value, bytes.data(), sizeof value);
        }
    }
    // Each of ours has a name for each of its values, and none for others.
    template <class T>
    requires(std::is_enum_v<T>) void get(T& value) {
        std::underlying_type_t<T> number{};
        get(number);
        value = static_cast<T>(number);
        if (!name_of(value).empty()) return;
        value = T{};
        fail();
    }
    void get(std::string& value) { value = take(take_count()); }
    void get(Digest& value) {
        const auto bytes = take(value.size());
        if (!bytes.empty()) std::memcpy(value.data(), bytes.data(), value.size());
    }
    void get(Uuid& value) { (*this)(value.high, value.low); }
    template <class Tag>
    void get(Id<Tag>& value) {
        get(value.uuid);
    }
    template <class Tag, class T>
    void get(Strong<Tag, T>& value) {
        get(value.value);
    }
    template <class T>
    void get(NumberOf<T>& value) {
        get(value.number);
    }
    template <class C, class D>
    void get(std::chrono::time_point<C, D>& value) {
        typename D::rep count{};
        get(count);
        if (!is_plausible_time(count)) fail();
        value = std::chrono::time_point<C, D>{D{has_failed_ ? 0 : count}};
    }
    template <class T>
    void get(std::optional<T>& value) {
        bool has_value = false;
        get(has_value);
        value.reset();
        if (has_value) get(value.emplace());
    }
    template <class T>
    void get(std::vector<T>& values) {
        values.clear();
        for (std::uint32_t left = take_count(); left > 0 && !has_failed_; --left) {
            get(values.emplace_back());
        }
    }
    template <class K, class V>
    void get(std::map<K, V>& values) {
        values.clear();
        for (std::uint32_t left = take_count(); left > 0 && !has_failed_; --left) {
            K key;
            get(key);
            if (!values.empty() && !(values.rbegin()->first < key)) return fail();
            get(values.try_emplace(values.end(), std::move(key))->second);
        }
    }
    template <Described T>
    void get(T& value) {
        for_each_field(value, [this](std::string_view, auto& field) { this->get(field); });
    }

    std::string_view left_;
    bool has_failed_ = false;
};

}  // namespace slipway
