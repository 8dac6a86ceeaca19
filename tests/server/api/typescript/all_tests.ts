// One process for all tests: they share a server, and each takes a while to start.

import "./apps_test.js";
import "./schedules_test.js";
import "./deployments_test.js";
import "./events_test.js";
// The last ones, as they make a second team.
import "./identity_test.js";
