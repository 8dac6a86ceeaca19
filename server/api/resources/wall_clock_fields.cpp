#include "server/api/resources/wall_clock_fields.h"

#include <algorithm>
#include <initializer_list>

namespace slipway {

namespace {

using Names = std::initializer_list<std::string_view>;

constexpr std::size_t kDateBytes = 10;         // 2027-02-10
constexpr std::size_t kWithSecondsBytes = 19;  // 2027-02-10T03:00:00
constexpr std::size_t kFractionDigitsMax = 9;
constexpr std::string_view kDigits = "0123456789";

// Stands for a wall clock that cannot be read: nobody has anything to say against it.
LocalTime no_wall_clock() {
    return *local_of(CivilTime{kYearMax, 1, 1, 12, 0, 0});
}

// The pointer of the first of `names` that was sent, or of the first of all.
std::string first_sent(Fields& fields, Names names) {
    for (const auto name : names) {
        if (fields.member(name) != nullptr) return fields.pointer(name);
    }
    return fields.pointer(*names.begin());
}

TimePointers pointers_of(Fields& fields) {
    return {first_sent(fields, {"year", "at", "month", "day", "hour", "minute", "timezone",
                                "disambiguation"}),
            first_sent(fields, {"hour", "at", "minute", "day", "month", "year", "timezone",
                                "disambiguation"}),
            fields.pointer("timezone")};
}

std::string month_has_fewer_days(int year, int month) {
    return std::to_string(year) + "-" + std::to_string(month) + " has fewer days";
}

// ---- `at`
//
//   2027-02-10T03:00:00-05:00[America/New_York][u-ca=iso8601]
//   ╰───── clock ─────╯╰off.╯╰─────────── tags ─────────────╯

// Whether the clock is right but for its day, which the month does not have.
bool is_day_too_many(std::string_view clock) {
    if (clock.size() < kDateBytes || clock[8] > '3') return false;
    std::string first_day{clock};
    first_day.replace(8, 2, "01");
    const std::string day{clock.substr(8, 2)};
    return local_of(first_day) && day >= "29" && day <= "31";
}

// Nothing if it is none, or not written as +05:30.
std::optional<Seconds> offset_as_written(std::string_view text) {
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
    const auto clock = local_of("1970-01-01T" + std::string{text.substr(1)});
    if (!clock) return std::nullopt;
    return text[0] == '-' ? -clock->time_since_epoch() : clock->time_since_epoch();
}

// Takes a fraction of a second off the front of `text`, if it is 0. False: what is there is none.
bool take_fraction_of_zero(std::string_view& text) {
    if (text.empty() || (text.front() != '.' && text.front() != ',')) return true;
    const auto end = std::min(text.find_first_not_of(kDigits, 1), text.size());
    const auto digits = text.substr(1, end - 1);
    if (digits.empty() || digits.size() > kFractionDigitsMax) return false;
    if (digits.find_first_not_of('0') != std::string_view::npos) return false;
    text.remove_prefix(end);
    return true;
}

class AtReader {
  public:
    AtReader(Fields& fields, WallClock& at) : fields_(fields), at_(at) {}

    // The zone of the tags goes into `zone`.
    void read(std::string_view text, std::string& zone) {
        text_ = text;
        const auto tags = std::min(text.find('['), text.size());
        if (read_tags(text.substr(tags), zone)) read_clock(text.substr(0, tags));
    }

  private:
    bool fail(const std::string& detail, RejectionCode code = RejectionCode::invalid_field) {
        add_error(fields_.errors(), {fields_.pointer("at"), code, detail});
        return false;
    }

    bool fail_clock() {
        return fail("is " + in_quotes(text_) +
                    "; a wall clock such as 2027-02-10T03:00 or "
                    "2027-02-10T03:00:00-05:00[America/New_York] is accepted, from 1970 to 9999");
    }

    // [America/New_York][u-ca=iso8601]; a ! in front says that the tag may not be passed over, and
    // none is.
    bool read_tags(std::string_view text, std::string& zone) {
        while (!text.empty()) {
            const auto end = text.find(']');
            if (text.front() != '[' || end == std::string_view::npos) return fail_clock();
            auto tag = text.substr(1, end - 1);
            text.remove_prefix(end + 1);
            if (tag.starts_with('!')) tag.remove_prefix(1);
            if (tag.find('=') == std::string_view::npos) {
                if (tag.empty()) return fail("has an empty pair of brackets; a zone belongs there");
                if (!zone.empty()) return fail("names more than one zone; say it once");
                zone = tag;
            } else if (tag != "u-ca=iso8601" && tag != "u-ca=gregory") {
                return fail("has the tag " + in_quotes(tag) +
                            "; a zone, u-ca=iso8601 and u-ca=gregory are accepted");
            }
        }
        return true;
    }

    bool read_clock(std::string_view text) {
        const auto end = std::min(text.find_first_of(".,Zz+-", kDateBytes), text.size());
        const auto clock = text.substr(0, end);
        auto rest = text.substr(end);
        const auto local = local_of(clock);
        if (!local && is_day_too_many(clock)) {
            const std::string first = std::string{clock}.replace(8, 2, "01");
            const CivilTime civil = civil_of(*local_of(first));
            return fail(
                "is " + in_quotes(text_) + "; " + month_has_fewer_days(civil.year, civil.month),
                RejectionCode::invalid_date);
        }
        if (!local || civil_of(*local).year < kYearMin) return fail_clock();
        at_.local = *local;
        const bool has_fraction = !rest.empty() && (rest.front() == '.' || rest.front() == ',');
        if (has_fraction && clock.size() != kWithSecondsBytes) return fail_clock();
        if (!take_fraction_of_zero(rest)) {
            return fail("is " + in_quotes(text_) +
                        ", with a fraction of a second; whole seconds are accepted");
        }
        return read_offset(rest);
    }

    bool read_offset(std::string_view text) {
        if (text.empty()) return true;
        // Both say that the instant is known in UTC, and nothing of the offset at that place.
        at_.is_utc = text == "Z" || text == "z" || text == "-00:00";
        if (at_.is_utc) return true;
        at_.offset = offset_as_written(text);
        return at_.offset.has_value() || fail_clock();
    }

    Fields& fields_;
    WallClock& at_;
    std::string_view text_;
};

// ---- Year to minute

// Numbers that are absent stay as in `known`, or are missed if there is none.
void read_civil(Fields& fields, const std::optional<KnownClock>& known, bool any, WallClock& at) {
    CivilTime civil = known ? civil_of(known->local) : CivilTime{};
    // Whoever names the time in whole minutes means the whole minute.
    if (any) civil.second = 0;
    const std::size_t errors_before = fields.errors().size();
    const auto read = [&](std::string_view name, int& value, int min, int max) {
        if (known && fields.member(name) == nullptr) return;
        value = static_cast<int>(fields.required_integer(name, min, max));
    };
    read("year", civil.year, kYearMin, kYearMax);
    read("month", civil.month, 1, 12);
    read("day", civil.day, 1, 31);
    read("hour", civil.hour, 0, 23);
    read("minute", civil.minute, 0, 59);
    if (fields.errors().size() != errors_before) return;
    if (const auto local = local_of(civil)) {
        at.local = *local;
        return;
    }
    add_error(fields.errors(),
              {first_sent(fields, {"day", "month", "year"}), RejectionCode::invalid_date,
               "is not in the calendar: " + std::to_string(civil.day) + " is no day, since " +
                   month_has_fewer_days(civil.year, civil.month)});
}

bool has_any(Fields& fields, Names names) {
    bool any = false;
    for (const auto name : names) any = fields.member(name) != nullptr || any;
    return any;
}

// The zone is named by `timezone`, by the brackets of `at`, or stays.
void choose_zone(Fields& fields, const std::optional<std::string>& named,
                 const std::string& in_brackets, const std::optional<KnownClock>& known,
                 WallClock& at) {
    at.timezone = named.value_or("");
    if (!in_brackets.empty()) {
        if (named && *named != in_brackets) {
            fields.fail("at", "names " + shortened(in_brackets) + ", and timezone is " +
                                  shortened(*named) + "; say it once");
        }
        at.timezone = in_brackets;
        at.pointers.timezone = fields.pointer("at");
    }
    if (!at.timezone.empty() || fields.member("timezone") != nullptr) return;
    if (known) {
        at.timezone = known->timezone;
        return;
    }
    const bool has_offset = at.is_utc || at.offset.has_value();
    fields.fail_absent("timezone", has_offset ? "an IANA name such as America/New_York, or UTC, "
                                                "beside the offset, which does not say when the "
                                                "clocks change,"
                                              : "an IANA name such as America/New_York, or UTC,");
}

}  // namespace

WallClock read_wall_clock(Fields& fields, const std::optional<KnownClock>& known) {
    WallClock at;
    at.local = no_wall_clock();
    at.pointers = pointers_of(fields);
    at.disambiguation =
        fields.choice<Disambiguation>("disambiguation").value_or(Disambiguation::compatible);
    const auto named = fields.text("timezone");
    std::string in_brackets;
    const bool numbers = has_any(fields, {"year", "month", "day", "hour", "minute"});
    if (const auto text = fields.text("at")) {
        if (numbers) fields.fail("at", "stands beside year … minute; say it one way");
        AtReader{fields, at}.read(*text, in_brackets);
    } else if (fields.member("at") == nullptr) {
        read_civil(fields, known, numbers, at);
    }
    choose_zone(fields, named, in_brackets, known, at);
    return at;
}

}  // namespace slipway
