#include "xml_check.h"

#include "support/catch.h"

namespace tinynas::test {
namespace {

TEST_CASE("the checker lets good markup pass and names what is wrong with bad") {
  CHECK(xml_error("<!DOCTYPE html>\n<a b='1'><c/>x &amp; y</a>") == "");
  CHECK(xml_error("<a><b></a></b>").find("closes nothing") != std::string::npos);
  CHECK(xml_error("<a>").find("never closed: <a>") != std::string::npos);
  CHECK(xml_error("a & b").find("bare &") != std::string::npos);
  CHECK(xml_error("a < b").find("bare <") != std::string::npos);
  CHECK(xml_error("<a b='1' b='2'/>").find("twice") != std::string::npos);
  CHECK(xml_error("<a b=1/>").find("quoted") != std::string::npos);
  CHECK(xml_error("<a b='<'/>").find("inside b") != std::string::npos);
}

}  // namespace
}  // namespace tinynas::test
