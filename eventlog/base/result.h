// A Result is a value or the error that stands in its place. It is for what the world may refuse:
// disks, networks, bytes. What the domain refuses is a Rejection; what only a bug can cause is a
// CHECK.

#pragma once

#include "eventlog/base/check.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace slipway {

enum class ErrorCode {
    unavailable,    // not now; nothing was done; try again later
    disk_low,       // the same, and somebody must make room first
    timed_out,      // no answer within the limit
    fenced,         // another writer holds the log
    indeterminate,  // the write may or may not survive a restart; never retry, seal
    io,             // the system refused
    corruption,     // bytes are not what was written
    not_found,      // no such thing
    invalid,        // bytes or text do not have the form that is accepted
};

std::string_view name_of(ErrorCode code);

// The message starts with where, then what was found and what was expected; no capital, no full
// stop, never a secret.
struct Error {
    ErrorCode code;
    std::string message;

    friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    // Requires: has_value(). Asking for the value of an error is a bug, not an error.
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(value()); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    // Requires: !has_value().
    const Error& error() const {
        CHECK(!has_value());
        return *std::get_if<1>(&state_);
    }

  private:
    T& value() {
        CHECK(has_value());
        return *std::get_if<0>(&state_);
    }
    const T& value() const {
        CHECK(has_value());
        return *std::get_if<0>(&state_);
    }

    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    bool has_value() const noexcept { return !error_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }

    // Requires: !has_value().
    const Error& error() const {
        CHECK(error_.has_value());
        return *error_;
    }

  private:
    std::optional<Error> error_;
};

}  // namespace slipway
