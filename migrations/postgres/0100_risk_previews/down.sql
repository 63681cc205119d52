DROP TABLE risk_previews;
