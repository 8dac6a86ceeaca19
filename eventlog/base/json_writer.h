// A JsonWriter writes JSON (RFC 8259) from left to right into a string: no tree in between. It puts
// the commas; that keys and values alternate is up to the caller. To read JSON, see
// server/api/json.h.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/time.h"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace slipway {

class JsonWriter {
  public:
    explicit JsonWriter(std::string& out) : out_(out) {}

    void begin_object() { open('{'); }
    void end_object() { close('}'); }
    void begin_array() { open('['); }
    void end_array() { close(']'); }

    // `name` is written as it is: a key of ours, or one that text() would not change.
    void key(std::string_view name);

    // Escapes what must be; bytes that are not UTF-8 become U+FFFD.
    void text(std::string_view value);
    void number(std::int64_t value);
    void number(std::uint64_t value);
    void boolean(bool value);
    void null();

    // JSON that somebody wrote before: a value, or whole members of an object.
    void raw(std::string_view json);

    // A place in the text. Whatever was written after it can be taken back.
    struct Mark {
        std::size_t bytes = 0;
        bool comma_due = false;
    };
    Mark mark() const { return {out_.size(), comma_due_}; }
    void back_to(const Mark& mark) {
        out_.resize(mark.bytes);
        comma_due_ = mark.comma_due;
    }

    template <class Tag>
    void value(const Id<Tag>& id) {
        comma();
        out_ += '"';
        id.append_text(out_);
        out_ += '"';
    }
    void value(Instant instant);
    void value(std::string_view value) { text(value); }
    void value(const std::string& value) { text(value); }
    void value(const char* value) { text(value); }
    template <std::signed_integral T>
    void value(T value) {
        number(static_cast<std::int64_t>(value));
    }
    template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>) void value(T value) {
        number(static_cast<std::uint64_t>(value));
    }
    template <std::same_as<bool> T>
    void value(T value) {
        boolean(value);
    }

    template <class T>
    void member(std::string_view name, const T& what) {
        key(name);
        value(what);
    }

  private:
    void open(char bracket);
    void close(char bracket);
    void comma();

    std::string& out_;
    bool comma_due_ = false;
};

}  // namespace slipway
