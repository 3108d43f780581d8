#include "report/text.h"

#include "support/catch.h"

namespace tinynas::report {
namespace {

TEST_CASE("escape replaces what XML reads as markup, and what it forbids") {
  CHECK(escape("a<b> & \"c\" 'd'") == "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
  CHECK(escape("tab\tstays") == "tab\tstays");
  CHECK(escape(std::string("bell\x07")) == "bell\xEF\xBF\xBD");
  CHECK(escape("\u00d7 \u2013") == "\u00d7 \u2013");
}

TEST_CASE("grouped puts a comma at every third digit") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(1234567) == "1,234,567");
  CHECK(grouped(-123456) == "-123,456");
}

TEST_CASE("short bytes keep three digits and the binary unit") {
  CHECK(short_bytes(512) == "512 B");
  CHECK(short_bytes(1024) == "1.00 KiB");
  CHECK(short_bytes(14541) == "14.2 KiB");  // 14.2002
  CHECK(short_bytes(327680) == "320 KiB");
  CHECK(short_bytes(1048576) == "1.00 MiB");
}

TEST_CASE("percent shows a decimal only where it counts") {
  CHECK(percent(0) == "0 %");
  CHECK(percent(0.0453) == "4.5 %");
  CHECK(percent(0.57) == "57 %");
  CHECK(percent(1.2) == "120 %");
}

TEST_CASE("seconds grow into minutes and hours") {
  CHECK(short_seconds(0.42) == "0.4 s");
  CHECK(short_seconds(41.3) == "41 s");
  CHECK(short_seconds(725) == "12 min 05 s");
  CHECK(short_seconds(3720) == "1 h 02 min");
}

}  // namespace
}  // namespace tinynas::report
