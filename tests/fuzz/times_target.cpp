// Times as text: what is read can be written, and means the same.

#include "eventlog/base/check.h"
#include "eventlog/base/time.h"
#include "tests/fuzz/target.h"

namespace slipway {

namespace {

void run(std::string_view bytes) {
    if (const auto instant = instant_of(bytes)) {
        const std::string text = to_text(*instant);
        CHECK(instant_of(text) == instant);
        CHECK(to_text(*instant_of(text)) == text);
        CHECK(!local_of(bytes));  // it says how far from UTC it is
    }
    if (const auto local = local_of(bytes)) {
        CHECK(local_of(to_text(*local)) == local);
        const CivilTime civil = civil_of(*local);
        CHECK(local_of(civil) == local);
        CHECK(civil.year >= 0 && civil.year <= kYearMax);
        // The same digits, as an instant.
        const auto as_utc = instant_of(to_text(*local) + "Z");
        CHECK(as_utc && as_utc->time_since_epoch() == local->time_since_epoch());
    }
}

const FuzzTarget kTarget{"times", run};

}  // namespace

}  // namespace slipway
