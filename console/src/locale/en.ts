/** English words of the console, put together from the slices. */
import { app } from "../app/en";
import { broadcasts } from "../broadcasts/en";
import { commerce } from "../commerce/en";
import { core } from "../core/en";
import { fans } from "../fans/en";
import { fields } from "../fields/en";
import { files } from "../files/en";
import { groups } from "../groups/en";
import { growth } from "../growth/en";
import { guides } from "../guides/en";
import { insight } from "../insight/en";
import { journeys } from "../journeys/en";
import { kit } from "../kit/en";
import { lake } from "../lake/en";
import { moments } from "../moments/en";
import { org } from "../org/en";
import { payments } from "../payments/en";
import { pool } from "../pool/en";
import { oneid } from "../pool/oneid.en";
import { tagging, tagRules } from "../pool/tags.en";
import { reach } from "../reach/en";
import { sandbox } from "../sandbox/en";
import { segments } from "../segments/en";
import { sync } from "../sync/en";
import { talk } from "../talk/en";
import { writeback } from "../writeback/en";
import type { Words } from ".";

export const en: Words = {
  app,
  kit,
  core,
  oneid,
  pool,
  fields,
  tagging,
  tagRules,
  segments,
  journeys,
  broadcasts,
  moments,
  reach,
  talk,
  groups,
  growth,
  guides,
  org,
  sync,
  writeback,
  commerce,
  insight,
  lake,
  fans,
  files,
  payments,
  sandbox,
};
